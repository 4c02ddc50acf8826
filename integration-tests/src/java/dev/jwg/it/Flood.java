package dev.jwg.it;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.crypto.digests.Blake2sDigest;

/**
 * A program that sends initiations which only pretend to be ones: their mac1 is right, so that the receiver goes on to
 * decrypt them. Prints {@code demanded a cookie} when it is first answered by a cookie reply.
 */
final class Flood {
  /** Type 1; the other fields' bytes may be anything (whitepaper section 5.4.2). */
  private static final int LENGTH = 148;

  private static final int MAC1 = 116;
  private static final int MAC_LENGTH = 16;
  private static final int COOKIE_REPLY = 3;

  private Flood() {}

  /** Takes {@code ADDRESS PORT PUBLIC-KEY BURST INTERVAL SECONDS}: so many at once, with milliseconds in between. */
  public static void main(String[] args) throws IOException {
    byte[] message = initiation(Base64.getDecoder().decode(args[2]));
    int burst = Integer.parseInt(args[3]);
    long intervalNs = Duration.ofMillis(Long.parseLong(args[4])).toNanos();
    long end = System.nanoTime() + Duration.ofSeconds(Long.parseLong(args[5])).toNanos();
    try (DatagramSocket socket = new DatagramSocket()) {
      Thread listener = new Thread(() -> listen(socket), "listener");
      listener.setDaemon(true);
      listener.start();
      InetAddress address = InetAddress.getByName(args[0]);
      DatagramPacket packet = new DatagramPacket(message, LENGTH, address, Integer.parseInt(args[1]));
      while (end - System.nanoTime() > 0) {
        for (int i = 0; i < burst; i++) {
          socket.send(packet);
        }
        LockSupport.parkNanos(intervalNs);
      }
    }
  }

  private static void listen(DatagramSocket socket) {
    DatagramPacket answer = new DatagramPacket(new byte[LENGTH], LENGTH);
    try {
      do {
        socket.receive(answer);
      } while (answer.getData()[0] != COOKIE_REPLY);
      System.out.println("demanded a cookie");
    } catch (IOException e) {
      System.out.println("no cookie was demanded: " + e.getMessage());
    }
  }

  /** Whitepaper section 5.4.4: mac1 is keyed by what everybody knows of the receiver. */
  private static byte[] initiation(byte[] publicKey) {
    byte[] message = new byte[LENGTH];
    message[0] = 1;
    Blake2sDigest hash = new Blake2sDigest(8 * publicKey.length);
    hash.update("mac1----".getBytes(StandardCharsets.US_ASCII), 0, 8);
    hash.update(publicKey, 0, publicKey.length);
    byte[] key = new byte[hash.getDigestSize()];
    hash.doFinal(key, 0);
    Blake2sDigest mac1 = new Blake2sDigest(key, MAC_LENGTH, null, null);
    mac1.update(message, 0, MAC1);
    mac1.doFinal(message, MAC1);
    return message;
  }
}
