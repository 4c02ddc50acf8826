package dev.jwg.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Prints a secret, and warns when others can read the file it goes to. */
final class KeyOutput {
  private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
      PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);

  private KeyOutput() {}

  static void print(String key, PrintWriter out, PrintWriter err) throws IOException {
    if (isWorldAccessible(Path.of("/proc/self/fd/1"))) {
      err.println("Warning: writing to world accessible file.\nConsider setting the umask to 077 and trying again.");
      err.flush();
    }
    out.println(key);
    if (out.checkError() || System.out.checkError()) { // the writer passes on to it, and it keeps errors to itself
      throw new IOException("stdout: cannot write the key");
    }
  }

  static boolean isWorldAccessible(Path file) {
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      return attributes.isRegularFile() && attributes.permissions().stream().anyMatch(OTHERS::contains);
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }
}
