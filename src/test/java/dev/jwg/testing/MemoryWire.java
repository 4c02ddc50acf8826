package dev.jwg.testing;

import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The network between {@link MemoryUdp} ports. It records whatever is sent, and carries it when told to: once and in order,
 * unless it was asked to do worse.
 */
public final class MemoryWire {
  /** Slots of one read, as many as a real port might bring. */
  private static final int BATCH_SLOTS = 64;

  private static final int BATCH_BYTES = BATCH_SLOTS * 2048 + Batch.MAX_LENGTH;

  private final ManualClock clock;
  private final Map<Endpoint, MemoryUdp> ports = new HashMap<>();
  private final List<Datagram> sent = new ArrayList<>();
  private final ArrayDeque<Datagram> underWay = new ArrayDeque<>();
  private final Batch batch = new Batch(BATCH_BYTES, BATCH_SLOTS);
  private ToIntFunction<Datagram> copies = datagram -> 1;
  private Duration delay = Duration.ZERO;
  private @Nullable Random shuffle;
  private boolean recording = true;
  private int nextRandomPort = 40_000;

  public MemoryWire(ManualClock clock) {
    this.clock = clock;
  }

  /** Decides how many copies of a datagram arrive: 0 loses it, 2 duplicates it. */
  public void copies(ToIntFunction<Datagram> decision) {
    copies = decision;
  }

  /** Carries everything once, at once and in order again. */
  public void heal() {
    copies = datagram -> 1;
    delay = Duration.ZERO;
    shuffle = null;
  }

  /** Lets datagrams overtake each other. */
  public void reorder(Random random) {
    shuffle = random;
  }

  /** How long datagrams are under way from now on. */
  public void delay(Duration time) {
    delay = time;
  }

  /** Whether what is sent is remembered: not in long bulk runs. */
  public void record(boolean whether) {
    recording = whether;
  }

  /** What was sent since the last {@link #forget}, carried or not. */
  public List<Datagram> sent() {
    return List.copyOf(sent);
  }

  public void forget() {
    sent.clear();
  }

  int attach(MemoryUdp port, IpAddress address, int wanted) {
    int number = wanted == 0 ? nextRandomPort++ : wanted;
    if (ports.putIfAbsent(new Endpoint(address, number), port) != null) {
      return -1;
    }
    return number;
  }

  public void detach(IpAddress address, int port) {
    ports.remove(new Endpoint(address, port));
  }

  /** Sends a datagram from whatever address it claims. */
  public void send(Endpoint from, Endpoint to, byte[] bytes, int tos) {
    Datagram datagram = new Datagram(clock.elapsed(), from, to, bytes, tos);
    if (recording) {
      sent.add(datagram);
    }
    for (int left = copies.applyAsInt(datagram); left > 0; left--) {
      if (delay.isZero()) {
        underWay.addLast(datagram);
      } else {
        clock.schedule(clock.nanoTime() + delay.toNanos(), () -> underWay.addLast(datagram));
      }
    }
  }

  /** Hands over what has arrived; false if there was nothing. */
  boolean carry() {
    if (underWay.isEmpty()) {
      return false;
    }
    List<Datagram> arriving = new ArrayList<>(underWay);
    underWay.clear();
    if (shuffle != null) {
      Collections.shuffle(arriving, shuffle);
    }
    int from = 0;
    while (from < arriving.size()) {
      Endpoint to = remote(arriving.get(from).to());
      int end = from + 1;
      while (end < arriving.size() && remote(arriving.get(end).to()).equals(to)) {
        end++;
      }
      MemoryUdp port = ports.get(to);
      if (port != null) {
        handOver(port, arriving.subList(from, end));
      }
      from = end;
    }
    return true;
  }

  private void handOver(MemoryUdp port, List<Datagram> datagrams) {
    for (Datagram datagram : datagrams) {
      if (!batch.hasRoom(datagram.bytes().length)) {
        port.receive(batch);
        batch.clear();
      }
      int slot = batch.count();
      batch.append(datagram.bytes(), 0, datagram.bytes().length);
      batch.tos(slot, datagram.tos());
      Endpoint from = datagram.from();
      // As a socket tells it: where the datagram arrived is where a reply leaves from.
      Endpoint.Source arrival = new Endpoint.Source(datagram.to().address(), 0);
      batch.remote(slot, new Endpoint(from.address(), from.port(), 0, arrival));
    }
    port.receive(batch);
    batch.clear();
  }

  private static Endpoint remote(Endpoint endpoint) {
    return new Endpoint(endpoint.address(), endpoint.port());
  }
}
