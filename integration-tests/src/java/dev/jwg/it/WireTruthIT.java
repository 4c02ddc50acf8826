package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.it.PacketFile.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Another implementation of the protocol, Wireshark's, finds in the captured packets what should be in them. */
@NetworkTest
final class WireTruthIT {
  /** 2^62, the label of 1970 (whitepaper section 5.1). */
  private static final long TAI64_EPOCH = 1L << 62;

  private static final long MAX_AGE_SECONDS = 600;

  private static final String INITIATION = "1";
  private static final String RESPONSE = "2";
  private static final String DATA = "4";

  /** tshark's field wg.handshake_ok. */
  private static final String OK = "1";

  private static final String NOT_OK = "0";

  @EachPair
  void theKeyLogOfEitherSideDecryptsHandshakeAndData(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair);
    Map<Side, Path> keyLogs = keyLogs(lab, tunnel, pair);
    PacketFile outside = capture(lab, tunnel);
    keyLogs.values().forEach(keyLog -> assertDecrypts(outside, keyLog, tunnel));
    assertHidesAll(outside);
  }

  @EachPair
  void aPresharedKeyIsInTheKeyLogTooAndNothingIsDecryptedWithoutIt(Pair pair, Lab lab) throws IOException {
    String secret = KeyPair.presharedKey();
    Tunnel tunnel = new Tunnel(lab, pair).presharedKeys(secret, secret);
    Map<Side, Path> keyLogs = keyLogs(lab, tunnel, pair);
    PacketFile outside = capture(lab, tunnel);
    for (Path keyLog : keyLogs.values()) {
      assertDecrypts(outside, keyLog, tunnel);
      String text = Files.readString(keyLog);
      assertTrue(text.contains("PRESHARED_KEY = " + secret + "\n"), "the preshared key is logged");
      Path without = lab.file("without-preshared-key", text.replaceAll("(?m)^PRESHARED_KEY.*\n", ""));
      List<Message> messages = outside.messages(without);
      assertEquals(Set.of(NOT_OK), values(ofType(RESPONSE, messages), Message::handshakeOk));
      assertEquals(Set.of(""), values(messages, Message::icmp));
    }
    assertHidesAll(outside);
  }

  /** Has each jwg side write a key log, and says where. */
  private static Map<Side, Path> keyLogs(Lab lab, Tunnel tunnel, Pair pair) {
    assumeTrue(pair.has(Software.JWG), "no side of this pair writes a key log");
    Map<Side, Path> keyLogs = new LinkedHashMap<>();
    for (Side side : tunnel.sides()) {
      Software software = side == tunnel.initiator() ? pair.initiator() : pair.responder();
      if (software == Software.JWG) {
        Path keyLog = lab.folder("keys").resolve(side.host().name());
        side.options("--key-log", keyLog.toString());
        keyLogs.put(side, keyLog);
      }
    }
    return keyLogs;
  }

  /** All that was outside from before the first handshake until after a large ping and its answer. */
  private static PacketFile capture(Lab lab, Tunnel tunnel) {
    tunnel.join();
    PacketFile outside = new PacketFile(lab, tunnel.switchHost(), Switch.BRIDGE);
    tunnel.sides().forEach(tunnel::create);
    tunnel.connect().initiator().ping(tunnel.responder().inner4(), 1000);
    outside.endAfter(2, "udp and greater 1000");
    assertEquals(List.of(), outside.strangers());
    return outside;
  }

  private static void assertDecrypts(PacketFile outside, Path keyLog, Tunnel tunnel) {
    List<Message> messages = outside.messages(keyLog);
    List<Message> initiations = ofType(INITIATION, messages);
    assertEquals(Set.of(tunnel.initiator().publicKey()), values(initiations, Message::staticKey));
    for (Message initiation : initiations) {
      long age = Instant.now().getEpochSecond() - (Long.parseLong(initiation.timestamp()) - TAI64_EPOCH);
      assertTrue(Math.abs(age) < MAX_AGE_SECONDS, () -> "an initiation " + age + " seconds old");
    }
    assertEquals(Set.of(OK), values(ofType(RESPONSE, messages), Message::handshakeOk));
    String one = tunnel.initiator().inner4();
    String two = tunnel.responder().inner4();
    assertEquals(
        Set.of("type 8 from " + one + " to " + two, "type 0 from " + two + " to " + one),
        values(messages.stream().filter(Message::isData).toList(), WireTruthIT::ping));
  }

  private static String ping(Message data) {
    return "type " + data.icmp() + " from " + data.source() + " to " + data.destination();
  }

  /** Or the tests above would prove nothing. */
  private static void assertHidesAll(PacketFile outside) {
    List<Message> messages = outside.messages();
    assertEquals(Set.of(INITIATION, RESPONSE, DATA), values(messages, Message::type));
    assertEquals(Set.of(""), values(messages, message ->
        message.staticKey() + message.timestamp() + message.handshakeOk() + message.icmp()));
  }

  private static List<Message> ofType(String type, List<Message> messages) {
    return messages.stream().filter(message -> message.type().equals(type)).toList();
  }

  private static Set<String> values(List<Message> messages, Function<Message, String> value) {
    return messages.stream().map(value).collect(Collectors.toSet());
  }

  @Test
  void aDetachedEndpointWarnsOfTheKeyLogThatItWrites(Lab lab) throws IOException {
    Jwg jwg = new Jwg(lab);
    String config = lab.file("wg0.conf",
        jwg.configText() + "Endpoint = 127.0.0.1:9\nPersistentKeepalive = 25\n").toString();
    Path keyLog = lab.folder("keys").resolve("wg0");
    Path log = lab.file("log", "");
    jwg.run("up", config, "--detach", "--log-file", log.toString(), "--key-log", keyLog.toString()).orFail();
    Await.until("an initiation's key is logged", Jwg.START,
        () -> jwg.host().ok("cat", keyLog.toString()).contains("LOCAL_EPHEMERAL_PRIVATE_KEY"));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keyLog)));
    String warning = "WARN wg0: keys are written to " + keyLog + ": anyone who has this file can read the traffic";
    assertTrue(Files.readString(log).contains(warning), () -> jwg.host().ok("cat", log.toString()));
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void aKeyLogThatOthersCouldReadIsAFailureBeforeAnythingIsDone(Lab lab) throws IOException {
    Jwg jwg = new Jwg(lab);
    Path keyLog = lab.file("keys", "");
    Files.setPosixFilePermissions(keyLog, PosixFilePermissions.fromString("rw-r--r--"));
    String hooks = jwg.configText().replace("MTU = 1400\n", "PreUp = touch " + lab.folder("hooks") + "/ran\n");
    String config = lab.file("wg0.conf", hooks).toString();
    for (List<String> command : List.of(List.of("create", "wg0"), List.of("up", config))) {
      Result refused = jwg.run(command.get(0), command.get(1), "--key-log", keyLog.toString());
      assertEquals(1, refused.status(), refused.toString());
      assertEquals("jwg: " + keyLog + ": other users could read the keys in it: remove it or chmod 600 " + keyLog,
          refused.output().strip());
      jwg.awaitNothingLeft();
    }
    assertFalse(Files.exists(lab.folder("hooks").resolve("ran")), "PreUp ran");
    assertEquals("", Files.readString(keyLog));
  }
}
