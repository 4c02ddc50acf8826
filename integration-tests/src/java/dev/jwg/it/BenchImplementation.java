package dev.jwg.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program to measure.
 *
 * @param name the column of the results
 * @param create the command that makes an unconfigured interface wg0 and serves it in the foreground
 */
record BenchImplementation(String name, List<String> create) {

  /** wireguard-go as it is started without any option. */
  static BenchImplementation wireguardGo() {
    return new BenchImplementation("wireguard-go", quiet(Software.WIREGUARD_GO.create(Side.DEVICE)));
  }

  /** jwg as {@code java -jar} starts it, with the JVM's own flags if any. */
  static BenchImplementation jwg(String name, Path javaHome, List<String> flags) {
    List<String> command = new ArrayList<>(List.of(javaHome.resolve("bin/java").toString()));
    command.addAll(flags);
    String jar = Path.of(System.getProperty("jwg.jar")).toAbsolutePath().toString();
    command.addAll(List.of("-jar", jar, "create", Side.DEVICE));
    return new BenchImplementation(name, command);
  }

  /** A debug log would be measured along. */
  private static List<String> quiet(List<String> command) {
    return command.stream().filter(word -> !word.startsWith("LOG_LEVEL=")).toList();
  }
}
