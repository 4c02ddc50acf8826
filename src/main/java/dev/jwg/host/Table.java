package dev.jwg.host;

/** Which routing table the allowed IPs' routes go to: {@code Table} of wg-quick(8). */
public sealed interface Table {

  /** No routes at all. */
  record Off() implements Table {}

  /** The main table; default routes in a table of their own, with policy rules. */
  record Auto() implements Table {}

  /**
   * This table and nothing else.
   *
   * @param id unsigned, not 0
   */
  record Numbered(int id) implements Table {}
}
