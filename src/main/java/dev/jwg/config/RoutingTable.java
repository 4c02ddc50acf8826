package dev.jwg.config;

/**
 * Where the routes of allowed IPs go.
 *
 * @param kind whether there are routes at all and who chooses the table
 * @param number the table of {@link Kind#NUMBERED}, 1 to 4294967295; else 0
 */
public record RoutingTable(Kind kind, long number) {
  /** The main table, or one of its own for a default route. */
  public static final RoutingTable AUTO = new RoutingTable(Kind.AUTO, 0);

  /** No routes. */
  public static final RoutingTable OFF = new RoutingTable(Kind.OFF, 0);

  /** Who chooses the table. */
  public enum Kind {
    AUTO,
    OFF,
    NUMBERED
  }

  public static RoutingTable numbered(long number) {
    return new RoutingTable(Kind.NUMBERED, number);
  }

  /** As in a configuration. */
  @Override
  public String toString() {
    return switch (kind) {
      case AUTO -> "auto";
      case OFF -> "off";
      case NUMBERED -> Long.toString(number);
    };
  }
}
