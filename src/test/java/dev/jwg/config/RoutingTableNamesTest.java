package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In folders laid out as iproute2 has them. */
class RoutingTableNamesTest {
  @TempDir private Path folder;
  private Path own;
  private Path distribution;

  @BeforeEach
  void makeTheFolders() throws IOException {
    own = folder.resolve("etc");
    distribution = folder.resolve("usr");
    Files.createDirectories(own.resolve("rt_tables.d"));
    Files.createDirectories(distribution.resolve("rt_tables.d"));
  }

  private OptionalLong number(String name) {
    return new RoutingTableNames(own, List.of(folder.resolve("none"), distribution)).number(name);
  }

  @Test
  void someNamesNeedNoList() {
    assertEquals(OptionalLong.of(253), number("default"));
    assertEquals(OptionalLong.of(254), number("main"));
    assertEquals(OptionalLong.of(255), number("local"));
    assertEquals(OptionalLong.empty(), number("vpn"));
  }

  @Test
  void numbersAreDecimalOrHexadecimal() throws Exception {
    Files.writeString(own.resolve("rt_tables"),
        "#\n# reserved\n255\tlocal\n0\tunspec\n100 vpn\n  0x65 hex # comment\n010 ten\n300\tbig#not\nbroken\n");
    assertEquals(OptionalLong.of(100), number("vpn"));
    assertEquals(OptionalLong.of(101), number("hex"));
    assertEquals(OptionalLong.of(10), number("ten"));
    assertEquals(OptionalLong.of(0), number("unspec"));
    assertEquals(OptionalLong.empty(), number("VPN"));
    assertEquals(OptionalLong.empty(), number("reserved"));
  }

  @Test
  void theAdministratorsListsHideTheDistributions() throws Exception {
    Files.writeString(distribution.resolve("rt_tables"), "1 usr\n");
    assertEquals(OptionalLong.of(1), number("usr"));
    Files.writeString(own.resolve("rt_tables"), "2 etc\n");
    assertEquals(OptionalLong.empty(), number("usr"));
    assertEquals(OptionalLong.of(2), number("etc"));

    Files.writeString(distribution.resolve("rt_tables.d/a.conf"), "3 a\n");
    Files.writeString(distribution.resolve("rt_tables.d/b.conf"), "4 b\n");
    Files.writeString(own.resolve("rt_tables.d/b.conf"), "5 other\n");
    Files.writeString(own.resolve("rt_tables.d/c.txt"), "6 c\n");
    Files.writeString(own.resolve("rt_tables.d/.d.conf"), "7 d\n");
    assertEquals(OptionalLong.of(3), number("a"));
    assertEquals(OptionalLong.of(5), number("other"));
    for (String hidden : List.of("b", "c", "d")) {
      assertEquals(OptionalLong.empty(), number(hidden));
    }
  }
}
