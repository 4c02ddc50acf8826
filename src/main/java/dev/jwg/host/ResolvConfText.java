package dev.jwg.host;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The content of a {@code resolv.conf} that endpoints have written. Each endpoint puts its lines on top and keeps the
 * former content below, as comments; so the content of two endpoints is nested, and the last one counts:
 *
 * <pre>
 * # Written by jwg for wg1, which puts back what was here:
 * nameserver 10.9.0.53
 * #| # Written by jwg for wg0, which puts back what was here:
 * #| nameserver 10.8.0.53
 * #| #| nameserver 192.0.2.1
 * </pre>
 *
 * <p>The file itself is the record. It survives {@code kill -9} and a restart of the host, and a program that writes the
 * file anew ends it. An absent text stands for a file that does not exist.
 */
final class ResolvConfText {
  private static final String PUTS_BACK = "puts back what was here:";
  private static final String REMOVES = "removes this file:";

  private static final Pattern TITLE =
      Pattern.compile("^# Written by jwg for (\\S+), which (?:(puts back what was here:)|removes this file:)\n",
          Pattern.MULTILINE);

  /** Precedes each line of the former content. */
  private static final String KEPT = "#| ";

  /** Precedes a last line that has no newline. */
  private static final String KEPT_UNENDED = "#|~";

  /** Matches the lines that an endpoint writes; other lines in its part of the file are the user's. */
  private static final Pattern OURS = Pattern.compile("(nameserver|search) .*\n?");

  /**
   * One endpoint's part.
   *
   * @param above lines that somebody added above the title
   * @param lines between title and former content
   * @param former absent if there was no file
   * @param below lines that somebody added at the end
   */
  private record Part(String name, String above, String lines, Optional<String> former, String below) {

    static Optional<Part> in(String text) {
      Matcher title = TITLE.matcher(text);
      if (!title.find()) {
        return Optional.empty();
      }
      StringBuilder lines = new StringBuilder();
      StringBuilder former = new StringBuilder();
      StringBuilder below = new StringBuilder();
      for (String line : split(text.substring(title.end()))) {
        if (line.startsWith(KEPT)) {
          former.append(line.substring(KEPT.length()));
        } else if (line.startsWith(KEPT_UNENDED)) {
          former.append(withoutNewline(line.substring(KEPT_UNENDED.length())));
        } else {
          (former.isEmpty() ? lines : below).append(line);
        }
      }
      boolean putsBack = title.group(2) != null;
      Optional<String> kept = putsBack ? Optional.of(former.toString()) : Optional.empty();
      return Optional.of(
          new Part(title.group(1), text.substring(0, title.start()), lines.toString(), kept, below.toString()));
    }

    Part with(Optional<String> newFormer) {
      return new Part(name, above, lines, newFormer, below);
    }

    String text() {
      String does = former.isPresent() ? PUTS_BACK : REMOVES;
      String kept = former.map(ResolvConfText::keeping).orElse("");
      return above + "# Written by jwg for " + name + ", which " + does + "\n" + lines + kept + below;
    }

    /** Returns the former content, and what the user added since. */
    Optional<String> withoutLines(Predicate<String> ours) {
      String added = above + split(lines).stream().filter(ours.negate()).collect(Collectors.joining());
      return added.isEmpty() && below.isEmpty()
          ? former
          : Optional.of(added + former.map(text -> below.isEmpty() ? text : ended(text)).orElse("") + below);
    }
  }

  private ResolvConfText() {}

  /** Returns the content with an endpoint's lines on top. */
  static String with(String name, String lines, Optional<String> former) {
    return new Part(name, "", lines, former, "").text();
  }

  /**
   * Returns the content without the part of an endpoint, wherever that is.
   *
   * @param ownLines what the endpoint wrote; other lines in its part stay
   */
  static Optional<String> without(String name, String ownLines, Optional<String> content) {
    List<String> own = split(ownLines);
    return without(name::equals, own::contains, content);
  }

  /** Returns the content without the parts of endpoints that can no longer remove them. */
  static Optional<String> withoutDead(Predicate<String> isDead, Optional<String> content) {
    return without(isDead, line -> OURS.matcher(line).matches(), content);
  }

  private static Optional<String> without(
      Predicate<String> isGone, Predicate<String> ours, Optional<String> content) {
    Optional<Part> found = content.flatMap(Part::in);
    if (found.isEmpty()) {
      return content;
    }
    Part part = found.get();
    Part rest = part.with(without(isGone, ours, part.former));
    return isGone.test(part.name) ? rest.withoutLines(ours) : Optional.of(rest.text());
  }

  /** Returns the content with an endpoint's part under another name, wherever that part is. */
  static Optional<String> renamed(String name, String newName, Optional<String> content) {
    Optional<Part> found = content.flatMap(Part::in);
    if (found.isEmpty()) {
      return content;
    }
    Part part = found.get();
    String present = part.name.equals(name) ? newName : part.name;
    Optional<String> former = renamed(name, newName, part.former);
    return Optional.of(new Part(present, part.above, part.lines, former, part.below).text());
  }

  /** Returns the names of the endpoints that have a part of the content, the last one first. */
  static Set<String> names(Optional<String> content) {
    Set<String> names = new LinkedHashSet<>();
    Optional<Part> part = content.flatMap(Part::in);
    while (part.isPresent()) {
      names.add(part.get().name);
      part = part.get().former.flatMap(Part::in);
    }
    return names;
  }

  private static String keeping(String former) {
    return split(former).stream()
        .map(line -> line.endsWith("\n") ? KEPT + line : KEPT_UNENDED + line + "\n")
        .collect(Collectors.joining());
  }

  /** Splits behind each newline and nowhere else, so that no other byte is lost. */
  private static List<String> split(String text) {
    return Stream.of(text.split("(?<=\n)", -1)).filter(line -> !line.isEmpty()).toList();
  }

  private static String withoutNewline(String line) {
    return line.endsWith("\n") ? line.substring(0, line.length() - 1) : line;
  }

  private static String ended(String text) {
    return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
  }
}
