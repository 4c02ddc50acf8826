package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** One line on stderr per failure, {@code jwg: what: why: what to do}, and the exit status. */
final class Failure {
  private static final int EXIT_STATUS = 1;

  private Failure() {}

  /** Wrong arguments. */
  static int usage(ParameterException invalid) {
    CommandLine command = invalid.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("jwg: " + oneLine(String.valueOf(invalid.getMessage())) + ": see `" + name + " --help`");
    return EXIT_STATUS;
  }

  /** As {@link #execution(Exception)}, to where the command's errors go. */
  static int execution(Exception failed, CommandLine command) throws Exception {
    command.getErr().println("jwg: " + oneLine(reason(failed)));
    return EXIT_STATUS;
  }

  /** What the user or the system did; anything else is our bug, and loud. */
  static int execution(Exception failed) throws Exception {
    System.err.println("jwg: " + oneLine(reason(failed)));
    return EXIT_STATUS;
  }

  private static String reason(Exception failed) throws Exception {
    if (failed instanceof IOException io) {
      return describe(io);
    }
    if (failed instanceof ConfigException wrong) {
      return String.valueOf(wrong.getMessage());
    }
    throw failed;
  }

  /** The exceptions of java.nio.file say which file, but often not what is wrong with it. */
  private static String describe(IOException failure) {
    if (failure instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file or directory";
    }
    if (failure instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied: run as root";
    }
    if (failure instanceof FileSystemException other && other.getReason() == null) {
      return other.getFile() + ": " + other.getClass().getSimpleName();
    }
    return String.valueOf(failure.getMessage());
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ");
  }
}
