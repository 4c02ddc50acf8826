package dev.jwg.rehearsal;

import dev.jwg.net.Batch;
import dev.jwg.net.IpAddress;
import dev.jwg.offload.Coalescer;
import dev.jwg.offload.Segmenter;
import dev.jwg.offload.VirtioNetHeader;
import dev.jwg.route.AllowedIps;
import dev.jwg.route.IpPacket;
import dev.jwg.route.IpPrefix;
import dev.jwg.session.Session;
import dev.jwg.session.Verdicts;
import java.security.SecureRandom;
import java.util.Random;

/**
 * A transfer between two peers in memory. HotSpot compiles what it sees run often, for what it sees there: so the packets
 * come in the rows that a TCP stream makes, through the code that real ones go through, from the segmenter to the
 * coalescer.
 */
public final class Rehearsal {
  /** Bytes of as many segments as one read brings at most, at an MTU of 1420. */
  private static final int ROW = 47 * Reads.SEGMENT;

  private static final int SLOTS = 128;

  /** For good, HotSpot compiles a method with a loop after 600 calls and 15,000 turns (Tier4CompileThreshold). */
  private static final int ROUNDS = 150;

  private static final int READS = 16;

  /** Any, but the same for all: what is compiled should not differ from start to start. */
  private static final long SEED = 1;

  private final byte[][] reads = new byte[READS][];
  private final Batch batch = new Batch(Batch.capacityFor(SLOTS, 2 * Batch.MAX_LENGTH), SLOTS);
  private final AllowedIps<Session> allowedIps = new AllowedIps<>();
  private final Verdicts verdicts = new Verdicts();
  private final Coalescer coalescer = new Coalescer(/* mergesUdp= */ true);
  private final Written written = new Written();
  private byte[] read = {};
  private final Segmenter segmenter =
      new Segmenter((offset, target, to, length) -> System.arraycopy(read, offset, target, to, length));

  /** Half of the reads are full; the others end a burst, begin one or acknowledge one. */
  public Rehearsal() {
    Random random = new Random(SEED);
    for (int i = 0; i < READS; i += 4) {
      reads[i] = Reads.ofStream(ROW, false);
      reads[i + 1] = Reads.ofStream(0, false);
      reads[i + 2] = Reads.ofStream(ROW - random.nextInt(Reads.SEGMENT), true);
      reads[i + 3] = Reads.ofStream(random.nextInt(Reads.SEGMENT << (i / 4)), i > 0);
    }
  }

  /**
   * Runs it, on the calling thread.
   *
   * @param longestNs the time after which it ends, done or not
   * @return whether it is done
   */
  public boolean run(long longestNs) {
    long begin = System.nanoTime();
    SessionPair pair = SessionPair.agree(new SecureRandom(), begin);
    allowedIps.put(new IpPrefix(IpAddress.v4(Reads.SOURCE), 32), pair.receiver());
    allowedIps.put(new IpPrefix(IpAddress.v4(Reads.DESTINATION), 32), pair.sender());
    int round = 0;
    while (round < ROUNDS && System.nanoTime() - begin < longestNs) {
      for (byte[] each : reads) {
        read = each;
        pass(pair);
      }
      round++;
    }
    pair.erase();
    return round == ROUNDS;
  }

  private void pass(SessionPair pair) {
    batch.clear();
    if (segmenter.begin(read.length) != Segmenter.Verdict.OK || !segmenter.fill(batch)) {
      throw new IllegalStateException("a made-up packet is wrong");
    }
    for (int slot = 0; slot < batch.count(); slot++) {
      prepare(pair.sender(), slot);
    }
    pair.sender().seal(batch, 0, batch.count());
    pair.receiver().open(batch, 0, batch.count(), System.nanoTime(), verdicts);
    for (int slot = 0; slot < batch.count(); slot++) {
      deliver(pair.receiver(), slot);
    }
    coalescer.coalesce(batch, 0, batch.count(), written);
  }

  private void prepare(Session sender, int slot) {
    byte[] bytes = batch.bytes();
    int offset = batch.offset(slot);
    if (IpPacket.check(bytes, offset, batch.length(slot)) != IpPacket.Check.OK
        || IpPacket.destinationOwner(allowedIps, bytes, offset) != sender) {
      throw new IllegalStateException("a made-up packet has no peer");
    }
    batch.pad(slot, (batch.length(slot) + 15) & ~15);
  }

  private void deliver(Session receiver, int slot) {
    int offset = batch.offset(slot);
    if (verdicts.of(slot) != Session.Opened.OK
        || IpPacket.check(batch.bytes(), offset, batch.length(slot)) != IpPacket.Check.OK
        || IpPacket.sourceOwner(allowedIps, batch.bytes(), offset) != receiver) {
      throw new IllegalStateException("a made-up packet was lost: " + verdicts.of(slot));
    }
    batch.bounds(slot, offset, IpPacket.totalLength(batch.bytes(), offset));
  }

  /** Gathers a packet's pieces, as for a write, and forgets them. */
  private static final class Written implements Coalescer.Sink {
    private final byte[] buffer = new byte[VirtioNetHeader.LENGTH + Batch.MAX_LENGTH];
    private int filled;

    @Override
    public void append(byte[] bytes, int offset, int length) {
      System.arraycopy(bytes, offset, buffer, filled, length);
      filled += length;
    }

    @Override
    public void end() {
      filled = 0;
    }
  }
}
