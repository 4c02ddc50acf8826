package dev.jwg.it;

import java.util.List;

/** What a command said, on standard output and standard error together, and its exit status. */
record Result(List<String> command, int status, String output) {

  boolean succeeded() {
    return status == 0;
  }

  /** The output without the last line's end, of a command that must have succeeded. */
  String orFail() {
    if (!succeeded()) {
      throw new AssertionError(this);
    }
    return output.strip();
  }

  @Override
  public String toString() {
    return "exit status " + status + " of " + String.join(" ", command) + "\n" + output;
  }
}
