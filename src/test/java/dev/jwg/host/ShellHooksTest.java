package dev.jwg.host;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.HostConfig.Hooks;
import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands did is read from a file that they write to. */
final class ShellHooksTest {
  private static final int UMASK = 0027;

  @TempDir private Path folder;
  private Path written;
  private final ChildEnvironment environment = new ChildEnvironment(() -> Set.of("PATH_OF_KEY"));
  private final Undo undo = new Undo();
  private final List<String> preUp = new ArrayList<>();
  private final List<String> postUp = new ArrayList<>();
  private final List<String> preDown = new ArrayList<>();
  private final List<String> postDown = new ArrayList<>();

  @BeforeEach
  void nameTheFile() throws IOException {
    written = Files.createFile(folder.resolve("written"));
  }

  private ShellHooks hooks(String searchPath) {
    ShellHooks hooks = new ShellHooks(
        "wg0", "/etc/wireguard/wg0.conf", new Hooks(preUp, postUp, preDown, postDown), UMASK, environment, undo,
        searchPath);
    hooks.registerPostDown();
    return hooks;
  }

  private ShellHooks hooks() {
    return hooks(Program.searchPath());
  }

  /** A command that adds a line to the file. */
  private String write(String text) {
    return "echo \"" + text + "\" >>" + written;
  }

  private List<String> written() throws IOException {
    return Files.readAllLines(written);
  }

  @Test
  void eachRunsInItsPlaceWithTheInterfaceNamed() throws Exception {
    preUp.addAll(List.of(write("pre-up %i %i"), write("second")));
    postUp.add(write("post-up"));
    preDown.add(write("pre-down %i"));
    postDown.addAll(List.of(write("post-down"), write("last")));
    ShellHooks hooks = hooks();
    undo.push("delete the interface", () -> Files.writeString(written, "gone\n", StandardOpenOption.APPEND));
    hooks.preUp();
    hooks.postUp();
    undo.close();
    assertEquals(
        List.of("pre-up wg0 wg0", "second", "post-up", "pre-down wg0", "gone", "post-down", "last"), written());
  }

  @Test
  void failedPreUpSaysWhichAndItsFollowersDoNotRunButPostDownDoes() throws Exception {
    preUp.addAll(List.of(write("first"), "exit 7", write("never")));
    preDown.add(write("never"));
    postDown.add(write("back"));
    IOException failed = assertThrows(IOException.class, hooks()::preUp);
    assertEquals("wg0: PreUp failed with exit status 7: exit 7", failed.getMessage());
    undo.close();
    assertEquals(List.of("first", "back"), written());
  }

  @Test
  void failedPostUpIsTakenBackByPreDownAndPostDown() throws Exception {
    String command = write("half") + "; false; " + write("never");
    postUp.add(command);
    preDown.add(write("back"));
    postDown.add(write("all the way"));
    ShellHooks hooks = hooks();
    hooks.preUp();
    IOException failed = assertThrows(IOException.class, hooks::postUp);
    assertEquals("wg0: PostUp failed with exit status 1: " + command, failed.getMessage());
    undo.close();
    assertEquals(List.of("half", "back", "all the way"), written());
  }

  @Test
  void abandonedStartFailsAtOnceAndIsTakenBack() throws Exception {
    postUp.addAll(List.of(write("begun") + "; sleep 1000", write("never")));
    postDown.add(write("back"));
    ShellHooks hooks = hooks();
    hooks.preUp();
    CompletableFuture<IOException> failure =
        CompletableFuture.supplyAsync(() -> assertThrows(IOException.class, hooks::postUp));
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (written().isEmpty() && deadline - System.nanoTime() > 0) {
      Thread.onSpinWait();
    }
    hooks.abandonStart();
    assertTrue(String.valueOf(failure.get(60, TimeUnit.SECONDS).getMessage()).startsWith("wg0: PostUp failed"));
    assertThrows(IOException.class, hooks::postUp, "nothing begins after that");
    undo.close();
    assertEquals(List.of("begun", "back"), written());
  }

  @Test
  void failureOnTheWayDownIsOneWarningAndTheOthersRun() throws Exception {
    preDown.addAll(List.of("exit 3", write("second")));
    postDown.addAll(List.of("false", write("last")));
    ShellHooks hooks = hooks();
    hooks.preUp();
    hooks.postUp();
    List<String> warnings = Stderr.of(undo::close).stream().filter(line -> line.contains(" failed ")).toList();
    assertEquals(2, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).endsWith("wg0: PreDown failed with exit status 3: exit 3"), warnings.get(0));
    assertEquals(List.of("second", "last"), written());
  }

  @Test
  void commandsAreBashsWithAllItsPartsChecked() throws Exception {
    postUp.add("[[ wg0 == @(wg0|wg1) ]] && " + write("bash") + " # a comment");
    ShellHooks hooks = hooks();
    hooks.postUp();
    assertEquals(List.of("bash"), written());
    postUp.set(0, "false | true");
    assertThrows(IOException.class, hooks()::postUp);
  }

  @Test
  void commandsReadNothingAndSeeTheUsersMask() throws Exception {
    postUp.add("cat >>" + written + "; " + write("$(umask)"));
    hooks().postUp();
    assertEquals(List.of("0027"), written());
  }

  @Test
  void commandsSeeWgQuicksVariablesWhichTheirChildrenDoNot() throws Exception {
    postUp.add(write("$INTERFACE $CONFIG_FILE $LC_ALL $#") + "; " + write("$(env | grep -cE '^(INTERFACE|CONFIG_FILE)=' || true)"));
    hooks().postUp();
    assertEquals(List.of("wg0 /etc/wireguard/wg0.conf C 0", "0"), written());
  }

  @Test
  void childrenGetNothingThatIsMeantForJwgAloneAndNoKeys() {
    Map<String, String> variables = new HashMap<>(Map.of("JWG_DETACHED", "1", "JWG_PRIVATE_KEY", "key",
        "NOTIFY_SOCKET", "/run/notify", "LISTEN_FDS", "1", "PATH_OF_KEY", "key", "LC_ALL", "de_DE.UTF-8", "HOME", "/"));
    environment.adapt(variables);
    assertEquals(Map.of("HOME", "/", "LC_ALL", "C"), variables);
  }

  @Test
  void withoutPreUpThereIsNoPostDown() throws Exception {
    postDown.add(write("never"));
    hooks();
    undo.close();
    assertEquals(List.of(), written());
  }

  @Test
  void standardOutputIsLeftAlone() throws Exception {
    postUp.add("[ /dev/stdout -ef /dev/stderr ]");
    assertDoesNotThrow(hooks()::postUp);
  }

  @Test
  void withoutBashAnyShellWillDo() throws Exception {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("sh"), Path.of("/bin/sh"));
    postUp.add(write("${BASH_VERSION:-plain} %i"));
    hooks(bin.toString()).postUp();
    assertEquals(List.of("plain wg0"), written());
  }

  @Test
  void withoutAnyShellTheReasonSaysSo() {
    postUp.add("true");
    IOException failed = assertThrows(IOException.class, hooks(folder.toString())::postUp);
    assertEquals("wg0: no shell (bash or sh) to run: true", failed.getMessage());
  }
}
