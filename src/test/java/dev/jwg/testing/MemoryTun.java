package dev.jwg.testing;

import dev.jwg.net.Batch;
import dev.jwg.tun.Tun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An interface whose host side is the test: packets come in by the queue that the test names, or the first. */
public final class MemoryTun implements Tun {
  private static final int SLOTS = 64;
  private static final int MTU = 1420;

  /** The interface's index. */
  public static final int INDEX = 77;

  private final String name;
  private final Batch batch = new Batch(SLOTS * 2048 + Batch.MAX_LENGTH, SLOTS);
  private final List<MemoryQueue> queues;
  private final List<byte[]> received = new ArrayList<>();
  private boolean discarding;
  private long discarded;
  private @Nullable LinkListener link;

  public MemoryTun(String name, int queues) {
    this.name = name;
    this.queues = Stream.generate(MemoryQueue::new).limit(queues).toList();
  }

  @Override
  public List<MemoryQueue> queues() {
    return queues;
  }

  @Override
  public void start(LinkListener link) {
    this.link = link;
    link.onMtu(MTU);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int interfaceIndex() {
    return INDEX;
  }

  /** The host sends packets into the tunnel, in as few reads as hold them. */
  public void send(byte[]... toSend) {
    send(List.of(toSend));
  }

  /** As {@link #send(byte[][])}. */
  public void send(List<byte[]> toSend) {
    queues.get(0).send(toSend);
  }

  /** What does the interface's owner outside: follows {@code ip link}. */
  public LinkListener link() {
    if (link == null) {
      throw new IllegalStateException(name + " is not started");
    }
    return link;
  }

  /** Who hears the host's packets: for tests that hand over batches of their own. */
  public PacketListener packetListener() {
    return Objects.requireNonNull(queues.get(0).packets, "nobody listens yet");
  }

  /** Counts what the host receives from now on and keeps none of it; that allocates nothing. */
  public void discard() {
    discarding = true;
  }

  public long discarded() {
    return discarded;
  }

  /** What the host received and has not taken yet. */
  public List<byte[]> takeReceived() {
    List<byte[]> taken = List.copyOf(received);
    received.clear();
    return taken;
  }

  @Override
  public void close() {}

  /** One shard's. */
  public final class MemoryQueue implements Queue {
    private @Nullable PacketListener packets;

    @Override
    public void listen(PacketListener listener) {
      packets = listener;
    }

    /** The host sends packets that the kernel puts in this queue. */
    public void send(List<byte[]> toSend) {
      for (byte[] packet : toSend) {
        if (!batch.hasRoom(packet.length)) {
          flush();
        }
        batch.append(packet, 0, packet.length);
      }
      flush();
    }

    private void flush() {
      if (packets != null && link != null) {
        packets.onPackets(batch);
      }
      batch.clear();
    }

    @Override
    public void write(Batch toHost, int from, int to) {
      if (discarding) {
        discarded += to - from;
        return;
      }
      for (int slot = from; slot < to; slot++) {
        int offset = toHost.offset(slot);
        received.add(Arrays.copyOfRange(toHost.bytes(), offset, offset + toHost.length(slot)));
      }
    }
  }
}
