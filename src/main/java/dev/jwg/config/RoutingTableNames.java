package dev.jwg.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of routing tables, as ip-route(8) knows them: those that every system has, those in {@code rt_tables}, and those
 * in {@code rt_tables.d/*.conf}. A file of the administrator's folder hides the distribution's file of the same name.
 */
final class RoutingTableNames {
  private static final String LIST = "rt_tables";
  private static final String MORE_LISTS = "rt_tables.d";

  /** {@code 100 vpn}, {@code 0x64 vpn # comment}. */
  private static final Pattern ENTRY = Pattern.compile("\\s*(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})\\s+(\\S+).*");

  private final Path own;
  private final List<Path> distribution;

  /**
   * The names in these folders.
   *
   * @param own the administrator's folder
   * @param distribution the folders that distributions use, of which one exists at most
   */
  RoutingTableNames(Path own, List<Path> distribution) {
    this.own = own;
    this.distribution = distribution;
  }

  static RoutingTableNames ofThisHost() {
    return new RoutingTableNames(
        Path.of("/etc/iproute2"), List.of(Path.of("/usr/share/iproute2"), Path.of("/usr/lib/iproute2")));
  }

  /** Returns the number of a table; empty if no list has the name. */
  OptionalLong number(String name) {
    OptionalLong number = builtIn(name);
    for (Path list : lists()) {
      OptionalLong listed = number(list, name);
      number = listed.isPresent() ? listed : number;
    }
    return number;
  }

  /** RT_TABLE_* of linux/rtnetlink.h. */
  private static OptionalLong builtIn(String name) {
    return switch (name) {
      case "default" -> OptionalLong.of(253);
      case "main" -> OptionalLong.of(254);
      case "local" -> OptionalLong.of(255);
      default -> OptionalLong.empty();
    };
  }

  private List<Path> lists() {
    List<Path> lists = new ArrayList<>();
    boolean isOwn = Files.exists(own.resolve(LIST));
    for (Path folder : distribution) {
      if (!isOwn) {
        lists.add(folder.resolve(LIST));
      }
      for (Path list : listsIn(folder.resolve(MORE_LISTS))) {
        if (!Files.exists(own.resolve(MORE_LISTS).resolve(list.getFileName()), LinkOption.NOFOLLOW_LINKS)) {
          lists.add(list);
        }
      }
    }
    lists.add(own.resolve(LIST));
    lists.addAll(listsIn(own.resolve(MORE_LISTS)));
    return lists;
  }

  private static List<Path> listsIn(Path folder) {
    List<Path> lists = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "[!.]*.conf")) {
      files.forEach(lists::add);
    } catch (IOException none) {
      return List.of();
    }
    lists.sort(null);
    return lists;
  }

  private static OptionalLong number(Path list, String name) {
    OptionalLong number = OptionalLong.empty();
    for (String line : lines(list)) {
      Matcher entry = ENTRY.matcher(line);
      if (entry.matches() && entry.group(2).equals(name)) {
        number = OptionalLong.of(Long.decode(entry.group(1).startsWith("0x") ? entry.group(1) : decimal(entry.group(1))));
      }
    }
    return number;
  }

  /** Without leading zeros, which would make the number octal. */
  private static String decimal(String digits) {
    return digits.replaceFirst("^0+(?=.)", "");
  }

  private static List<String> lines(Path list) {
    try {
      // ISO 8859-1 never fails to decode, and the names are ASCII.
      return Files.readAllLines(list, StandardCharsets.ISO_8859_1);
    } catch (IOException noList) {
      return List.of();
    }
  }
}
