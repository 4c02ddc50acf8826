package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.HostConfig.Hooks;
import dev.jwg.config.HostConfig.InterfaceAddress;
import dev.jwg.config.WgConfigParser.Dialect;
import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WgConfigTextTest {
  private static final String SECRET = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";

  @Test
  void randomConfigurationsSurvivePrintingAndParsing() throws ConfigException {
    long seed = System.nanoTime();
    RandomConfigs random = new RandomConfigs(new Random(seed));
    for (int i = 0; i < 500; i++) {
      WgConfig config = random.config();
      String text = WgConfigPrinter.print(config);
      assertEquals(config, WgConfigParser.parse("random.conf", text, Dialect.WG_QUICK), "seed " + seed + "\n" + text);
    }
  }

  @Test
  void damagedTextIsRefusedOrRead() throws ConfigException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String text = WgConfigPrinter.print(new RandomConfigs(random).config());
    for (int i = 0; i < 5000; i++) {
      StringBuilder damaged = new StringBuilder(text);
      for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
        damaged.setCharAt(random.nextInt(damaged.length()), "\n=[]#,:/-+0 \ufffd\0é".charAt(random.nextInt(15)));
      }
      try {
        WgConfigParser.parse("damaged.conf", damaged.toString(), Dialect.WG_QUICK);
      } catch (ConfigException e) {
        assertTrue(e.line() > 0, "seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "[Interface]\nPrivateKey = %sA",
    "[Interface]\nPrivateKey = A%s",
    "[Interface]\nPrivatKey = %s",
    "[Interface]\n%s",
    "%s",
    "PrivateKey = %s",
    "[%s",
    "[Peer]\nPrivateKey = %s",
    "[Peer]\nPresharedKey = %s,",
    "[Peer]\nPublicKey = %s%s",
    "[Interface]\nPrivateKey = %s\u00a0",
    "[Interface]\nPostUp = echo %s\0",
  })
  void messagesNeverQuoteSecrets(String text) {
    String withSecret = text.replace("%s", SECRET);
    ConfigException fault =
        assertThrows(ConfigException.class, () -> WgConfigParser.parse("wg0.conf", withSecret, Dialect.WG_QUICK));
    assertFalse(fault.getMessage().contains(SECRET.substring(0, 6)), fault.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "AllowedIPs=", "[Peer]\nAllowedIPs=", "[Peer]\nEndpoint=", "[Interface]\nListenPort=",
    "[Interface]\nFwMark=0x", "[Interface]\nMTU=", "[Interface]\nAddress=", "[Peer]\nPublicKey="})
  void aLineOfAMegabyteGetsAShortAnswer(String start) {
    for (String filler : List.of("a", "0", ":", ".", "1,", "\0")) {
      String text = start + filler.repeat(1 << 20) + "!";
      ConfigException fault =
          assertThrows(ConfigException.class, () -> WgConfigParser.parse("wg0.conf", text, Dialect.WG_QUICK));
      assertTrue(fault.getMessage().length() < 300, "length " + fault.getMessage().length());
    }
  }

  @Test
  void aFaultNamesItsParts() {
    ConfigException fault = assertThrows(
        ConfigException.class,
        () -> WgConfigParser.parse("wg0.conf", "[Interface]\n\nFwMark = x", Dialect.WG));
    assertEquals("wg0.conf", fault.file());
    assertEquals(3, fault.line());
    assertEquals("FwMark", fault.key());
    assertEquals("wg0.conf:3: FwMark: " + fault.reason(), fault.getMessage());
  }

  /** Configurations with everything in them. */
  private record RandomConfigs(Random random) {

    WgConfig config() {
      Hooks hooks = new Hooks(commands(), commands(), commands(), commands());
      HostConfig host = new HostConfig(
          some(() -> {
            IpPrefix prefix = prefix();
            return new InterfaceAddress(address(prefix.address().isV6()), prefix.length());
          }),
          some(this::nameServer),
          some(() -> "domain" + random.nextInt(100) + ".example"),
          maybe(68 + random.nextInt(65468)),
          random.nextBoolean() ? RoutingTable.AUTO : RoutingTable.numbered(1 + (random.nextLong() & 0x7fff_ffff)),
          hooks,
          random.nextBoolean());
      InterfaceConfig device = new InterfaceConfig(
          Optional.of(PrivateKey.of(key())), maybe(random.nextInt(65536)), maybe(random.nextInt()), host);
      return new WgConfig(device, some(this::peer));
    }

    private PeerConfig peer() {
      boolean incremental = random.nextBoolean();
      List<AllowedIpChange> changes = some(() -> new AllowedIpChange(prefix(), incremental && random.nextBoolean()));
      return new PeerConfig(
          PublicKey.of(key()),
          random.nextBoolean() ? Optional.of(PresharedKey.of(key())) : Optional.empty(),
          !incremental || changes.isEmpty(),
          changes,
          random.nextBoolean() ? Optional.of(new PeerEndpoint(host(), 1 + random.nextInt(65535))) : Optional.empty(),
          maybe(random.nextInt(65536)));
    }

    private String host() {
      return random.nextBoolean() ? "host" + random.nextInt(9) + ".example" : address(random.nextBoolean()).toString();
    }

    private NameServer nameServer() {
      IpAddress address = address(random.nextBoolean());
      return new NameServer(address, address.isV6() && random.nextBoolean() ? "wg" + random.nextInt(3) : "");
    }

    private List<String> commands() {
      return some(() -> "echo \"%i # " + random.nextInt(100) + " = ü\"");
    }

    private IpPrefix prefix() {
      IpAddress address = address(random.nextBoolean());
      return new IpPrefix(address, random.nextInt(address.bits() + 1));
    }

    private IpAddress address(boolean isV6) {
      return isV6 ? IpAddress.v6(random.nextLong(), random.nextInt(3)) : IpAddress.v4(random.nextInt());
    }

    private OptionalInt maybe(int value) {
      return random.nextBoolean() ? OptionalInt.of(value) : OptionalInt.empty();
    }

    private byte[] key() {
      byte[] key = new byte[32];
      random.nextBytes(key);
      return key;
    }

    private <T> List<T> some(Supplier<T> values) {
      return Stream.generate(values).limit(random.nextInt(4)).toList();
    }
  }
}
