package dev.jwg.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Names of UDP ports, as services(5) lists them. */
final class Services {
  private final Path file;

  Services(Path file) {
    this.file = file;
  }

  /** The port of a service or of one of its aliases; empty if there is none, or no list. */
  OptionalInt udpPort(String name) {
    for (String line : lines()) {
      String[] fields = line.replaceFirst("#.*", "").trim().split("\\s+", -1);
      if (fields.length >= 2 && fields[1].matches("[0-9]{1,5}/udp") && names(fields, name)) {
        return OptionalInt.of(Integer.parseInt(fields[1].substring(0, fields[1].indexOf('/'))));
      }
    }
    return OptionalInt.empty();
  }

  private static boolean names(String[] fields, String name) {
    for (int i = 0; i < fields.length; i++) {
      if (i != 1 && fields[i].equals(name)) {
        return true;
      }
    }
    return false;
  }

  private List<String> lines() {
    try {
      // ISO 8859-1 never fails to decode, and the names are ASCII.
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException noList) {
      return List.of();
    }
  }
}
