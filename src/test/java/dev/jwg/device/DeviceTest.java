package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.jwg.testing.World;
import org.junit.jupiter.api.Test;

class DeviceTest {
  private final World world = new World(1);

  @Test
  void theFirstPacketBeginsAHandshakeAndArrives() {
    byte[] packet = world.exchange(world.alice(), world.bob());
    assertArrayEquals(packet, world.bob().tun().takeReceived().get(0));
  }
}
