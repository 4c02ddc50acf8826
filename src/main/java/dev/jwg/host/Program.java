package dev.jwg.host;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A program of the system's, run to its end. */
record Program(Path file) {
  /** Where to look when the environment does not say. */
  private static final String USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** The folders that the environment says to look in. */
  static String searchPath() {
    return System.getenv().getOrDefault("PATH", USUAL_PATH);
  }

  /** Finds a program as execvp(3) does. */
  static Optional<Program> find(String name, String searchPath) {
    for (String folder : searchPath.split(":", -1)) {
      Path candidate = Path.of(folder, name);
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return Optional.of(new Program(candidate));
      }
    }
    return Optional.empty();
  }

  ProcessBuilder with(List<String> arguments, ChildEnvironment environment) {
    List<String> command = new ArrayList<>(List.of(file.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    environment.adapt(builder.environment());
    return builder;
  }

  /** Runs it on an input; if it fails, what it said is the reason. */
  void run(List<String> arguments, String input, ChildEnvironment environment) throws IOException {
    Process process = with(arguments, environment).redirectErrorStream(true).start();
    Optional<IOException> unread = Optional.empty();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      unread = Optional.of(e); // its own words, if it failed, say more
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int status = awaitExit(process);
    if (status != 0) {
      String reason = said.isEmpty() ? "exit status " + status : said.replaceAll("\\s*\\R\\s*", "; ");
      throw new IOException(file.getFileName() + " " + String.join(" ", arguments) + ": " + reason);
    }
    if (unread.isPresent()) {
      throw new IOException(
          file.getFileName() + " " + String.join(" ", arguments) + ": it did not read its input", unread.get());
    }
  }

  static int awaitExit(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** What a program reads that is to read nothing. */
  static ProcessBuilder.Redirect nothing() {
    return ProcessBuilder.Redirect.from(new File("/dev/null"));
  }
}
