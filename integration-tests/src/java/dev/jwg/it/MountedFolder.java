package dev.jwg.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * The folder that a kubelet makes of a ConfigMap or a Secret: files are links through {@code ..data}, which a change
 * replaces as a whole.
 */
final class MountedFolder {
  private static final Path DATA = Path.of("..data");

  private final Path folder;
  private final int mode;
  private final long group;
  private int version;

  /** Still empty. Files get the mode, and the group that may read them. */
  MountedFolder(Path folder, int mode, long group) {
    this.folder = folder;
    this.mode = mode;
    this.group = group;
  }

  Path path() {
    return folder;
  }

  /** The content of one of its files, wherever that is now; does not follow changes. */
  Path file(String name) {
    try {
      return folder.resolve(name).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces all that is in it. */
  void set(Map<String, String> files) {
    try {
      Path content = Files.createDirectory(folder.resolve("..version-" + version++));
      for (Map.Entry<String, String> entry : files.entrySet()) {
        Path file = Files.writeString(content.resolve(entry.getKey()), entry.getValue());
        Files.setAttribute(file, "unix:gid", (int) group);
        Files.setAttribute(file, "unix:mode", mode);
        Path link = folder.resolve(entry.getKey());
        if (!Files.isSymbolicLink(link)) {
          Files.createSymbolicLink(link, DATA.resolve(entry.getKey()));
        }
      }
      Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), content.getFileName());
      Files.move(next, folder.resolve(DATA), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
