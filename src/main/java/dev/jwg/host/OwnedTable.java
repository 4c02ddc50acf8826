package dev.jwg.host;

import dev.jwg.linux.NamespaceName;
import java.io.IOException;

/**
 * A routing table that a living endpoint uses for its default routes. The claim ends with the endpoint's process, so
 * rules of jwg for a table without a claim are leftovers. Endpoints with the same {@code FwMark} may share a table, so
 * there are several claims for each.
 */
final class OwnedTable implements AutoCloseable {
  private static final int CLAIMS = 8;

  private final NamespaceName claim;

  private OwnedTable(NamespaceName claim) {
    this.claim = claim;
  }

  /**
   * Claims a table.
   *
   * @throws IOException too many endpoints share it
   */
  static OwnedTable claim(int table) throws IOException {
    for (int number = 0; number < CLAIMS; number++) {
      NamespaceName claim = name(table, number);
      if (claim.take()) {
        return new OwnedTable(claim);
      }
      claim.close();
    }
    throw new IOException("table " + Integer.toUnsignedString(table) + " is used by " + CLAIMS + " endpoints already");
  }

  /** Returns true if a living endpoint has claimed the table. */
  static boolean isClaimed(int table) throws IOException {
    for (int number = 0; number < CLAIMS; number++) {
      try (NamespaceName claim = name(table, number)) {
        if (!claim.take()) {
          return true;
        }
      }
    }
    return false;
  }

  private static NamespaceName name(int table, int number) throws IOException {
    return new NamespaceName("jwg-table-" + Integer.toUnsignedString(table) + "-" + number);
  }

  @Override
  public void close() {
    claim.close();
  }
}
