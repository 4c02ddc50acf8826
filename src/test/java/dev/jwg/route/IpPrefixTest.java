package dev.jwg.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "10.1.2.3/8, 10.0.0.0/8",
    "10.1.2.3/08, 10.0.0.0/8",
    "10.1.2.3/0, 0.0.0.0/0",
    "255.255.255.255/1, 128.0.0.0/1",
    "10.1.2.3/32, 10.1.2.3/32",
    "10.1.2.3, 10.1.2.3/32",
    "fd00:1:2:3:4:5:6:7, fd00:1:2:3:4:5:6:7/128",
    "fd00:1:2:3:4:5:6:7/64, fd00:1:2:3::/64",
    "fd00:1:2:3:4:5:6:7/63, fd00:1:2:2::/63",
    "fd00:1:2:3:ffff:5:6:7/65, fd00:1:2:3:8000::/65",
    "fd00:1:2:3:4:5:6:7/127, fd00:1:2:3:4:5:6:6/127",
    "ffff::1/0, ::/0",
  })
  void masksHostBitsAndFillsInTheLength(String written, String meant) {
    assertEquals(meant, IpPrefix.parse(written).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/ 8", "10/8",
    "::/129", "::/x", "10.0.0.0/255.0.0.0", "10.0.0.0/99999999999", "10.0.0.0/4294967304", "fe80::1%eth0/64"
  })
  void refusesWhatIsNoPrefix(String text) {
    assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse(text));
  }
}
