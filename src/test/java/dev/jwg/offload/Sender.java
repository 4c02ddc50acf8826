package dev.jwg.offload;

import java.util.Random;

/** One flow's source: mostly a steady stream, now and then one of the things that streams do. */
final class Sender {
  private final Random random;
  private final boolean isV6;
  private final boolean isTcp;
  private final int host;
  private final int size;
  private final boolean isIdFixed;
  private int id;
  private int sequence;
  private int acknowledgment = 1;
  private int tos;
  private int time;
  private byte[] options = {};

  /** A flow that is told by its source address. */
  Sender(int host, Random random) {
    this.host = host;
    this.random = random;
    isV6 = random.nextBoolean();
    isTcp = random.nextInt(3) > 0;
    isIdFixed = random.nextInt(4) == 0;
    size = 1 + random.nextInt(1_400);
    id = random.nextInt(65_536);
    sequence = random.nextInt();
  }

  /** True if its IPv4 identification means nothing (RFC 6864) and need not survive. */
  boolean isIdFixed() {
    return isIdFixed && !isV6;
  }

  int host() {
    return host;
  }

  byte[] next() {
    if (random.nextInt(10) == 0) {
      moveOn();
    }
    Draft draft =
        Draft.of(isV6, isTcp)
            .host(host)
            .id(id & 0xffff)
            .sequence(sequence)
            .acknowledgment(acknowledgment)
            .tos(tos)
            .tcpOptions(options)
            .payload(size);
    byte[] packet = random.nextInt(8) == 0 ? odd(draft) : draft.packet();
    sequence += draft.payload().length;
    id += isIdFixed ? 0 : 1;
    return packet;
  }

  /** Something is different from now on. */
  private void moveOn() {
    switch (random.nextInt(6)) {
      case 0 -> tos = random.nextInt(4);
      case 1 -> acknowledgment++;
      case 2 -> sequence -= 10;
      case 3 -> id += 5;
      case 4 -> options = Draft.filled(4 * random.nextInt(4), random.nextInt());
      default -> options = timestamps();
    }
  }

  /** The option that most streams have (RFC 7323 section 3.2), after two of no operation: it moves on with the time. */
  private byte[] timestamps() {
    time++;
    return new byte[] {1, 1, 8, 10, 0, 0, 0, (byte) time, 0, 0, 0, 1};
  }

  /** One packet is different. */
  private byte[] odd(Draft draft) {
    switch (random.nextInt(14)) {
      case 0 -> draft.flags(0x18);
      case 1 -> draft.flags(random.nextInt(256));
      case 2 -> draft.payload(random.nextInt(size + 50));
      case 3 -> draft.payload(0);
      case 4 -> draft.fragment(isIdFixed ? 0x4000 : 0x2000 | random.nextInt(0x2000));
      case 5 -> draft.ipOptions(new byte[4]).extension(8);
      case 6 -> draft.ttl(1 + random.nextInt(2));
      case 7 -> draft.withoutChecksum();
      case 8 -> draft.urgent(random.nextInt(2)).window(random.nextInt(3)).reserved(random.nextInt(2));
      case 9 -> draft.flowLabel(random.nextInt(2)).fragment(isIdFixed ? 0x4000 : 0);
      case 10 -> draft.flags(0x10 ^ 1 << random.nextInt(8));
      case 11 -> draft.tos(tos | 3); // congestion was met
      case 12 -> draft.tcpOptions(timestamps());
      default -> {
        return damaged(draft.packet());
      }
    }
    return draft.packet();
  }

  private byte[] damaged(byte[] packet) {
    byte[] damaged = packet.clone();
    damaged[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
    // Version, addresses and ports stay, or it would be of another flow.
    int addresses = isV6 ? 8 : 12;
    System.arraycopy(packet, addresses, damaged, addresses, isV6 ? 36 : 12);
    damaged[0] = packet[0];
    return damaged;
  }
}
