package dev.jwg.metrics;

import dev.jwg.device.DeviceStatistics;
import dev.jwg.device.Drop;
import dev.jwg.testing.Host;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A host of a test's world as those see it who watch it. */
final class FakeEndpoint implements Watched {
  private final Host host;
  private boolean stuck;
  private boolean starting;

  FakeEndpoint(Host host) {
    this.host = host;
  }

  void hang() {
    stuck = true;
  }

  @Override
  public String name() {
    return host.tun().name();
  }

  void starting(boolean whether) {
    starting = whether;
  }

  @Override
  public boolean isStarting() {
    return starting;
  }

  @Override
  public DeviceStatistics statistics() throws IOException {
    requireAlive();
    return host.device().statistics();
  }

  @Override
  public Map<String, Long> drops() {
    Map<String, Long> drops = new TreeMap<>();
    for (Drop reason : Drop.values()) {
      drops.put(reason.name().toLowerCase(Locale.ROOT), host.drops(reason));
    }
    return drops;
  }

  @Override
  public void requireAlive() throws IOException {
    if (stuck) {
      throw new IOException("the control thread does not answer");
    }
  }
}
