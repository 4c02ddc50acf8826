package dev.jwg.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  /** The right column is what glibc's inet_ntop(3) prints for the left. */
  @ParameterizedTest
  @CsvSource({
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "0:0:0:0:0:0:0:ffff, ::ffff",
    "0:0:0:0:0:0:1:0, ::0.1.0.0",
    "0:0:0:0:0:0:c000:0201, ::192.0.2.1",
    "0:0:0:0:0:ffff:c000:0201, ::ffff:192.0.2.1",
    "0:0:0:0:0:ffff:0:0, ::ffff:0.0.0.0",
    "0:0:0:0:0:fffe:c000:0201, ::fffe:c000:201",
    "0:0:0:0:ffff:0:c000:0201, ::ffff:0:c000:201",
    "1:0:0:0:0:0:0:0, 1::",
    "1:0:0:0:0:0:0:2, 1::2",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "0:0:1:0:0:0:1:1, 0:0:1::1:1",
    "0:1:1:1:1:1:1:0, 0:1:1:1:1:1:1:0",
    "64:ff9b:0:0:0:0:c000:0201, 64:ff9b::c000:201",
    "FE80:0:0:0:0202:B3FF:FE1E:8329, fe80::202:b3ff:fe1e:8329",
  })
  void printsIpv6AsTheSystemDoes(String written, String printed) {
    assertEquals(printed, IpAddress.parse(written).toString());
    assertEquals(IpAddress.parse(written), IpAddress.parse(printed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "192.0.2.1", "255.255.255.255"})
  void printsIpv4AsItReadsIt(String text) {
    assertEquals(text, IpAddress.parse(text).toString());
  }

  /** All of these are refused by inet_pton(3) too. */
  @ParameterizedTest
  @ValueSource(strings = {
    "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.+4", "0x1.2.3.4",
    "1.2.3.4 ", "\u0661.2.3.4", "example", ":", ":::", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1:2:3:4::5:6:7:8", "12345::", "g::", "-1::", "+1::", "::1.2.3", "::1.2.3.256",
    "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "fe80::1%eth0", "[::1]", "::1/64", "::\u0661", "1:2:3:4:5:6:1.2.3.4:"
  })
  void refusesWhatIsNoAddress(String text) {
    assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
  }

  @Test
  void randomAddressesSurviveTextAndBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      // Cleared groups make runs of zeros of every length at every place.
      IpAddress v6 = IpAddress.v6(random.nextLong() & groupMask(random), random.nextLong() & groupMask(random));
      IpAddress v4 = IpAddress.v4(random.nextInt());
      for (IpAddress address : new IpAddress[] {v6, v4}) {
        byte[] bytes = address.toBytes();
        assertEquals(address, IpAddress.parse(address.toString()), "seed " + seed);
        assertEquals(address, IpAddress.read(bytes, 0, bytes.length), "seed " + seed);
        assertEquals(address, IpAddress.of(address.toInetAddress()), "seed " + seed);
        assertArrayEquals(address.toInetAddress().getAddress(), bytes, "seed " + seed);
      }
    }
  }

  private static long groupMask(Random random) {
    long mask = 0;
    for (int group = 0; group < 4; group++) {
      mask = mask << 16 | (random.nextBoolean() ? 0xffff : 0);
    }
    return mask;
  }
}
