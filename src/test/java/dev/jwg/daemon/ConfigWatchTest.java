package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigSource;
import dev.jwg.config.WgConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which a file changes, held to what a look at the configuration finds afterwards. */
final class ConfigWatchTest {
  private static final String KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
  private static final String OTHER_KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

  @TempDir private Path folder;

  /** What each look found: the MTU and the first peer's preshared key, or the fault. */
  private final BlockingQueue<String> looks = new LinkedBlockingQueue<>();

  private @Nullable ConfigWatch watch;

  private void start(Path file) throws Exception {
    ConfigSource source = ConfigSource.of(file, Map.of());
    WgConfig first = source.read();
    watch = ConfigWatch.start(() -> source.folders(first), () -> looks.add(look(source)));
    assertEquals(said(first), looks.poll(60, TimeUnit.SECONDS), "the first look needs no change");
  }

  private static String look(ConfigSource source) {
    try {
      return said(source.read());
    } catch (ConfigException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String said(WgConfig config) {
    return config.device().host().mtu().orElse(0)
        + " " + config.peers().get(0).presharedKey().orElseThrow().toBase64();
  }

  private static String config(int mtu) {
    return "[Interface]\nMTU = " + mtu + "\n[Peer]\nPublicKey = " + KEY + "\nPresharedKey = " + KEY + "\n";
  }

  private void awaitLook(String wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String last = "";
    while (!last.equals(wanted)) {
      String next = looks.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertTrue(next != null, "never found " + wanted + ", but " + last);
      last = next;
    }
  }

  @AfterEach
  void close() throws IOException {
    if (watch != null) {
      watch.close();
    }
  }

  @Test
  void aFileWrittenInPlaceOrReplacedIsSeen() throws Exception {
    Path file = secret(folder.resolve("wg0.conf"), config(1300));
    start(file);
    Files.writeString(file, config(1301));
    awaitLook("1301 " + KEY);
    Path fresh = secret(folder.resolve("wg0.conf~"), config(1302));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    awaitLook("1302 " + KEY);
    Files.delete(file);
    awaitLook(file + ": no such file");
    secret(file, config(1303));
    awaitLook("1303 " + KEY);
  }

  /** In a mounted ConfigMap, the file is a link into {@code ..data}, which is a link to the folder of one version. */
  @Test
  void theLinkThatKubernetesReplacesIsSeen() throws Exception {
    version("one", "wg0.conf", config(1300));
    Path file = Files.createSymbolicLink(folder.resolve("wg0.conf"), Path.of("..data", "wg0.conf"));
    start(file);
    version("two", "wg0.conf", config(1301));
    awaitLook("1301 " + KEY);
  }

  @Test
  void aKeyFileInAFolderOfItsOwnIsSeen() throws Exception {
    Path configs = Files.createDirectory(folder.resolve("configs"));
    version("one", "psk", KEY);
    Path key = Files.createSymbolicLink(folder.resolve("psk"), Path.of("..data", "psk"));
    start(secret(configs.resolve("wg0.conf"), config(1300).replaceFirst("Pres.*", "PresharedKeyFile = " + key)));
    version("two", "psk", OTHER_KEY);
    awaitLook("1300 " + OTHER_KEY);
  }

  private static Path secret(Path file, String text) throws IOException {
    Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, text);
  }

  private void version(String name, String file, String text) throws IOException {
    Path content = Files.createDirectory(folder.resolve("..version_" + name));
    secret(content.resolve(file), text);
    Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), content.getFileName());
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }
}
