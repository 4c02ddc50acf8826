package dev.jwg.bench;

import dev.jwg.device.DeviceState;
import dev.jwg.uapi.Replies;
import java.util.concurrent.TimeUnit;

/**
 * What peers cost that have nothing to send: heap, configuration, timers. Prints a row of a Markdown table for each number
 * of peers named. All times are CPU times of the device's threads, so that other programs do not count.
 */
public final class ManyPeers {
  /** Peers that begin their handshakes together: so few that none meets a full queue and is asked for a cookie. */
  private static final int CHUNK = 200;

  /** With fewer, what the device has and does once would count among what it has and does for each peer. */
  private static final int FEW = 1_000;

  /** Peers that are not idle, where there are more: the sessions of 100,000 would take all of a core to renew. */
  private static final int MOST_ACTIVE = 10_000;

  private static final int KEEPALIVE_SECONDS = 5;
  private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(2 * KEEPALIVE_SECONDS);

  private ManyPeers() {}

  public static void main(String[] counts) throws Exception {
    System.out.println(
        "| peers | bytes of heap for each | with a session | configured in, ms | `get`, ms | `get`, KiB"
            + " | idle, µs of CPU a second | µs of CPU for a keepalive | µs of CPU for an unanswered initiation |");
    System.out.println("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    measure(FEW); // until HotSpot has compiled all of it
    for (String count : counts) {
      System.out.println(measure(Integer.parseInt(count)));
    }
  }

  private static String measure(int peers) throws Exception {
    StringBuilder row = new StringBuilder("| ").append(peers);
    int active = Math.min(peers, MOST_ACTIVE);
    try (CrowdedDevice device = new CrowdedDevice(/* isAnswered= */ true)) {
      long empty = heapUsed();
      long configuring = device.apply(CrowdedDevice.peers(0, peers));
      long idle = (heapUsed() - empty) / peers;
      String readingAndWaiting = read(device) + cell(cpuPerSecond(device));
      meet(device, active);
      long session = (heapUsed() - empty - idle * peers) / active;
      row.append(each(idle, peers)).append(each(idle + session, peers));
      row.append(cell(configuring / 1e6)).append(readingAndWaiting).append(each(keepaliveMicros(device), peers));
    }
    try (CrowdedDevice device = new CrowdedDevice(/* isAnswered= */ false)) {
      device.apply(CrowdedDevice.peers(0, peers));
      row.append(each(initiationMicros(device, active), peers));
    }
    return row.append(" |").toString();
  }

  private static String read(CrowdedDevice device) throws Exception {
    long before = device.cpuNs();
    DeviceState state = device.state();
    long making = device.cpuNs() - before;
    long begin = System.nanoTime();
    long length = Replies.length(state);
    return cell((making + System.nanoTime() - begin) / 1e6) + cell(length / 1024.0);
  }

  /** Makes a session with each peer. */
  private static void meet(CrowdedDevice device, int peers) throws Exception {
    for (int from = 0; from < peers; from += CHUNK) {
      int to = Math.min(peers, from + CHUNK);
      device.apply(CrowdedDevice.keepalives(from, to, KEEPALIVE_SECONDS));
      while (device.correspondents().met() < to) {
        Thread.sleep(1);
      }
    }
  }

  private static double cpuPerSecond(CrowdedDevice device) throws Exception {
    long before = device.cpuNs();
    TimeUnit.NANOSECONDS.sleep(WINDOW_NS);
    return (device.cpuNs() - before) / 1e3 / TimeUnit.NANOSECONDS.toSeconds(WINDOW_NS);
  }

  private static double keepaliveMicros(CrowdedDevice device) throws Exception {
    long sentBefore = device.correspondents().data();
    double micros = cpuPerSecond(device) * TimeUnit.NANOSECONDS.toSeconds(WINDOW_NS);
    return micros / (device.correspondents().data() - sentBefore);
  }

  /** The peers are as good as gone: an initiation each, and another one after five seconds. */
  private static double initiationMicros(CrowdedDevice device, int peers) throws Exception {
    device.apply(CrowdedDevice.keepalives(0, peers, KEEPALIVE_SECONDS));
    double micros = cpuPerSecond(device) * TimeUnit.NANOSECONDS.toSeconds(WINDOW_NS);
    return micros / device.correspondents().initiations();
  }

  private static long heapUsed() throws InterruptedException {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private static String each(double value, int peers) {
    return peers < FEW ? " | –" : cell(value);
  }

  private static String cell(double value) {
    return value >= 100 ? " | %.0f".formatted(value) : " | %.1f".formatted(value);
  }
}
