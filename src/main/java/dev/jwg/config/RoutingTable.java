package dev.jwg.config;

/**
 * Where the routes of allowed IPs go.
 *
 * @param kind whether there are routes at all and who chooses the table
 * @param number the table of {@link Kind#NUMBERED}, 1 to 4294967295; else 0
 * @param text as in a configuration: {@code auto}, {@code off}, a number or a table's name
 */
public record RoutingTable(Kind kind, long number, String text) {
  /** The main table, or one of its own for a default route. */
  public static final RoutingTable AUTO = new RoutingTable(Kind.AUTO, 0, "auto");

  /** No routes. */
  public static final RoutingTable OFF = new RoutingTable(Kind.OFF, 0, "off");

  /** Who chooses the table. */
  public enum Kind {
    AUTO,
    OFF,
    NUMBERED
  }

  public static RoutingTable numbered(long number) {
    return named(Long.toString(number), number);
  }

  /** The table of that number, which a configuration calls by {@code name}. */
  public static RoutingTable named(String name, long number) {
    return new RoutingTable(Kind.NUMBERED, number, name);
  }

  /** As in a configuration. */
  @Override
  public String toString() {
    return text;
  }
}
