package dev.jwg.uapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.net.Endpoint;
import dev.jwg.net.Endpoint.Source;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class UapiTextTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void theReplyHasTheKeysInTheOrderOfWireguardGo() {
    PeerState full = new PeerState(
        PublicKey.parseHex("02".repeat(32)),
        Optional.of(PresharedKey.parseHex("03".repeat(32))),
        Optional.of(new Endpoint(IpAddress.parse("192.0.2.1"), 5)),
        Optional.of(Instant.ofEpochSecond(1_700_000_000, 7)),
        10,
        20,
        25,
        List.of(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("fd00::/64")));
    DeviceState state =
        new DeviceState(Optional.of(PrivateKey.parseHex("01".repeat(32))), 51820, 0xff, List.of(full));
    assertEquals(
        """
        private_key=%s
        listen_port=51820
        fwmark=255
        public_key=%s
        preshared_key=%s
        protocol_version=1
        endpoint=192.0.2.1:5
        last_handshake_time_sec=1700000000
        last_handshake_time_nsec=7
        tx_bytes=20
        rx_bytes=10
        persistent_keepalive_interval=25
        allowed_ip=10.0.0.0/8
        allowed_ip=fd00::/64
        errno=0

        """.formatted("01".repeat(32), "02".repeat(32), "03".repeat(32)),
        reply(state));
  }

  @Test
  void whatIsNotSetIsLeftOutOrZero() {
    PeerState bare = new PeerState(
        PublicKey.parseHex("02".repeat(32)), Optional.empty(), Optional.empty(), Optional.empty(), 0, 0, 0, List.of());
    assertEquals(
        """
        listen_port=0
        public_key=%s
        preshared_key=%s
        protocol_version=1
        last_handshake_time_sec=0
        last_handshake_time_nsec=0
        tx_bytes=0
        rx_bytes=0
        persistent_keepalive_interval=0
        errno=0

        """.formatted("02".repeat(32), "00".repeat(32)),
        reply(new DeviceState(Optional.empty(), 0, 0, List.of(bare))));
  }

  @Test
  void errorsAreNegative() {
    assertEquals("errno=-22\n\n", UapiText.end(22));
  }

  @Test
  void aReplyReadsBackAsTheStateItWasMadeOf() throws UapiException {
    for (int round = 0; round < 300; round++) {
      DeviceState state = new DeviceState(
          maybe(PrivateKey.of(key())), random.nextInt(65536), random.nextInt(), listOf(this::peerState));
      assertEquals(state, parseReply(reply(state)), "seed " + seed);
    }
  }

  @Test
  void aSetRequestReadsBackAsTheUpdateItWasMadeOf() throws UapiException {
    for (int round = 0; round < 300; round++) {
      DeviceUpdate update = new DeviceUpdate(
          maybe(PrivateKey.of(key())), maybeInt(65536), maybeInt(Integer.MAX_VALUE), random.nextBoolean(),
          listOf(this::peerUpdate));
      UapiRequest read = UapiParserTest.parse(UapiText.setRequest(update));
      assertEquals(new UapiRequest.Set(update), read, "seed " + seed);
    }
  }

  @Test
  void aReplyWithKeysOfTheFutureIsRead() throws UapiException {
    DeviceState state = parseReply("colour=blue\nlisten_port=5\npublic_key=" + "02".repeat(32) + "\nmood=\nerrno=0\n\n");
    assertEquals(5, state.listenPort());
    assertEquals(1, state.peers().size());
  }

  @Test
  void aHostileReplyIsRefusedByTheProtocolErrorOnly() {
    String good = reply(new DeviceState(Optional.of(PrivateKey.of(key())), 5, 1, List.of(peerState(), peerState())));
    for (int round = 0; round < 20_000; round++) {
      char[] flipped = good.toCharArray();
      flipped[random.nextInt(flipped.length)] ^= (char) (1 << random.nextInt(8));
      String text = new String(flipped);
      try {
        parseReply(text);
      } catch (UapiException expected) {
        // One of the two allowed ends.
      } catch (RuntimeException unexpected) {
        throw new AssertionError("seed " + seed + ": " + text, unexpected);
      }
    }
    assertThrows(UapiException.class, () -> parseReply("last\n\n"));
  }

  private static String reply(DeviceState state) {
    UapiReply reply = UapiReply.state(state, /* isStarting= */ false, /* isWithoutPort= */ false);
    StringBuilder text = new StringBuilder();
    while (reply.hasNext()) {
      text.append(reply.next());
    }
    return text.toString();
  }

  private static DeviceState parseReply(String text) throws UapiException {
    UapiReplyParser parser = new UapiReplyParser();
    for (String line : text.substring(0, text.length() - 2).split("\n", -1)) {
      parser.line(line);
    }
    return parser.state();
  }

  private PeerState peerState() {
    return new PeerState(
        PublicKey.of(key()), maybe(PresharedKey.of(key())), maybe(endpoint()),
        maybe(Instant.ofEpochSecond(random.nextInt(Integer.MAX_VALUE), random.nextInt(1_000_000_000))),
        random.nextLong() >>> 1, random.nextLong() >>> 1, random.nextInt(65536), listOf(this::prefix));
  }

  private PeerUpdate peerUpdate() {
    return new PeerUpdate(
        PublicKey.of(key()), random.nextBoolean(), random.nextBoolean(), maybe(PresharedKey.of(key())),
        maybe(endpoint()), maybeInt(65536), random.nextBoolean(),
        listOf(() -> new AllowedIpChange(prefix(), random.nextBoolean())));
  }

  private Endpoint endpoint() {
    IpAddress address = address();
    int scope = address.isV6() && random.nextBoolean() ? 1 + random.nextInt(9) : 0;
    return new Endpoint(address, 1 + random.nextInt(65535), scope, Source.NONE);
  }

  private IpPrefix prefix() {
    IpAddress address = address();
    return new IpPrefix(address, random.nextInt(address.bits() + 1));
  }

  private IpAddress address() {
    return random.nextBoolean()
        ? IpAddress.v4(random.nextInt())
        : IpAddress.v6(random.nextLong(), random.nextLong());
  }

  private byte[] key() {
    byte[] key = new byte[32];
    random.nextBytes(key);
    return key;
  }

  private <T> Optional<T> maybe(T value) {
    return random.nextBoolean() ? Optional.of(value) : Optional.empty();
  }

  private OptionalInt maybeInt(int bound) {
    return random.nextBoolean() ? OptionalInt.of(random.nextInt(bound)) : OptionalInt.empty();
  }

  private <T> List<T> listOf(Supplier<T> element) {
    List<T> list = new ArrayList<>();
    for (int count = random.nextInt(5); count > 0; count--) {
      list.add(element.get());
    }
    return list;
  }
}
