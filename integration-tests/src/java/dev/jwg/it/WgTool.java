package dev.jwg.it;

import java.util.List;
import java.util.stream.Stream;

/** A program that understands the words of {@code wg}'s command line. */
enum WgTool {
  STOCK {
    @Override
    List<String> program() {
      return List.of("wg");
    }
  },

  JWG {
    @Override
    List<String> program() {
      return Software.jwg();
    }
  };

  abstract List<String> program();

  /** The command with these words, such as {@code setconf wg0 FILE}. */
  String[] command(String... words) {
    return Stream.concat(program().stream(), Stream.of(words)).toArray(String[]::new);
  }
}
