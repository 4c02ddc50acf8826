package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The machine sleeps, or its wall clock is set: the next packet finds a session, without the 15 s of silence. */
@NetworkTest
final class SleepIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Longer than a session's life of 180 s, then longer than keys are kept: 540 s (whitepaper section 6.1). */
  private static final List<Duration> NIGHTS = List.of(Duration.ofSeconds(200), Duration.ofSeconds(600));

  /** Both ends have slept, so that the responder would not take the old session either. */
  @Test
  void theFirstPacketAfterASleepBeginsAHandshake(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    ShiftedClocks client = new ShiftedClocks(lab, tunnel.initiator());
    ShiftedClocks server = new ShiftedClocks(lab, tunnel.responder());
    tunnel.sides().forEach(tunnel::create);
    tunnel.connect();
    for (Duration night : NIGHTS) {
      settle(tunnel, client);
      Capture datagrams = tunnel.outside("udp");
      server.sleep(night);
      client.sleep(night);
      tunnel.initiator().host().assertReaches(tunnel.responder().inner4(), "asleep for " + night);
      datagrams.awaitSeen(LIMIT, "length 148", "length 92");
      List<String> seen = datagrams.packets();
      int initiation = firstOf(seen, "length 148");
      assertTrue(seen.subList(0, initiation).stream().noneMatch(SleepIT::isData), "no dead session was used: " + seen);
    }
  }

  /** Keepalives have been due since long when the machine wakes up: one leaves, by way of a handshake. */
  @Test
  void aPersistentKeepaliveIsSentOnWakingUp(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG)).keepalive(3600);
    tunnel.join();
    ShiftedClocks client = new ShiftedClocks(lab, tunnel.initiator());
    tunnel.sides().forEach(tunnel::create);
    tunnel.connect();
    Capture datagrams = tunnel.outside("udp");
    client.sleep(Duration.ofSeconds(3700));
    datagrams.awaitSeen(LIMIT, "length 148", "length 92", "length 32");
  }

  /** A responder takes no initiation whose timestamp is not later than the last one (whitepaper section 5.1). */
  @ParameterizedTest(name = "{displayName} {0}")
  @EnumSource(value = Software.class, names = {"JWG", "WIREGUARD_GO", "KERNEL_NEWEST"})
  void handshakesGoOnWhileTheWallClockIsSetBackAndForward(Software responder, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, responder));
    tunnel.join();
    ShiftedClocks client = new ShiftedClocks(lab, tunnel.initiator());
    tunnel.sides().forEach(tunnel::create);
    tunnel.connect();
    Capture responses = tunnel.outside("udp[8] = 2");
    int completed = 0;
    for (Duration step : List.of(Duration.ofDays(-1), Duration.ofDays(2), Duration.ofDays(-2))) {
      settle(tunnel, client);
      client.setWallClock(step);
      client.sleep(Duration.ofSeconds(200)); // so that the next packet needs a handshake
      tunnel.initiator().host().assertReaches(tunnel.responder().inner4(), "the wall clock was set by " + step);
      completed++;
      assertEquals(completed, responses.count("length 92"), "responses");
    }
    tunnel.initiator().program().awaitLine("WARN.*clock", LIMIT);
  }

  /**
   * Returns once neither end owes the other anything: the keepalive that the last answer asks for has left. Three pings
   * before it take longer than the 50 ms in which wireguard-go takes no second initiation.
   */
  private static void settle(Tunnel tunnel, ShiftedClocks client) {
    Capture keepalives = tunnel.outside("udp");
    tunnel.initiator().host().ok("ping", "-n", "-q", "-c", "3", "-i", "0.2", tunnel.responder().inner4());
    client.sleep(Duration.ofSeconds(15));
    keepalives.awaitSeen(LIMIT, "length 32");
  }

  private static int firstOf(List<String> packets, String text) {
    for (int i = 0; i < packets.size(); i++) {
      if (packets.get(i).endsWith(text)) {
        return i;
      }
    }
    throw new AssertionError("no " + text + " among " + packets);
  }

  /** Transport data of a ping; a keepalive has 32 bytes. */
  private static boolean isData(String packet) {
    return packet.matches(".* length (128|144)");
  }
}
