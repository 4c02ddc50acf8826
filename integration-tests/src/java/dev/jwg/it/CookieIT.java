package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import org.bouncycastle.crypto.digests.Blake2sDigest;

/** A side under load wants to see a cookie before it does any work for a handshake (whitepaper section 5.3). */
@NetworkTest
final class CookieIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /**
   * Load is a queue with more than 512 messages for jwg and the kernel, and 128 for wireguard-go, and lasts a second
   * from then. A burst is worth more than that four times a second, whatever the receiver works off in the meantime.
   */
  private static final int BURST = 1500;

  private static final int INTERVAL_MS = 200;
  private static final int SECONDS = 60;

  @EachPair
  void aSideUnderLoadAnswersWithACookieAndTheOtherComesBackWithIt(Pair pair, Lab lab) throws URISyntaxException {
    Tunnel tunnel = new Tunnel(lab, pair).start();
    String initiator = tunnel.initiator().outer(Family.IPV4);
    String responder = tunnel.responder().outer(Family.IPV4);
    Capture cookies = tunnel.outside("udp[8] = 3 and src host %s and dst host %s".formatted(responder, initiator));
    Capture withCookie = tunnel.outside("udp[8] = 1 and udp[140:4] != 0 and src host " + initiator);

    Running flood = flood(tunnel);
    flood.awaitLine("^demanded a cookie$", LIMIT);
    Running pings = tunnel.initiator().host().start("ping", "-n", tunnel.responder().inner4());
    cookies.awaitSeen(LIMIT, "length 64");
    withCookie.awaitSeen(LIMIT, "length 148");
    pings.awaitLine("bytes from", LIMIT);
    assertTrue(flood.isAlive(), "the flood ended too early to have caused load until now");
  }

  private static Running flood(Tunnel tunnel) throws URISyntaxException {
    Path bouncyCastle =
        Path.of(Blake2sDigest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    String classPath = System.getProperty("jwg.test.classes") + File.pathSeparator + bouncyCastle;
    return tunnel.outsider().start(System.getProperty("java.home") + "/bin/java", "-cp", classPath,
        Flood.class.getName(), tunnel.responder().outer(Family.IPV4), Integer.toString(Side.PORT),
        tunnel.responder().publicKey(), Integer.toString(BURST), Integer.toString(INTERVAL_MS), Integer.toString(SECONDS));
  }
}
