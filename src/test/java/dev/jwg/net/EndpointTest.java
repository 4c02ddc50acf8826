package dev.jwg.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Endpoint.Source;
import org.junit.jupiter.api.Test;

class EndpointTest {
  private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::1");
  private static final Source SOURCE = new Source(IpAddress.parse("fe80::2"), 7);

  @Test
  void printsAsConfigurationFilesWriteIt() {
    assertEquals("192.0.2.1:51820", new Endpoint(IpAddress.parse("192.0.2.1"), 51820).toString());
    assertEquals("[2001:db8::1]:51820", new Endpoint(IpAddress.parse("2001:db8::1"), 51820).toString());
    assertEquals("[fe80::1%2]:51820", new Endpoint(LINK_LOCAL, 51820, 2, SOURCE).toString());
  }

  @Test
  void theRemoteSideIsAddressPortAndScope() {
    Endpoint endpoint = new Endpoint(LINK_LOCAL, 1, 2, SOURCE);
    assertTrue(endpoint.sameRemote(endpoint.withoutSource()));
    assertFalse(endpoint.equals(endpoint.withoutSource()));
    assertFalse(endpoint.sameRemote(new Endpoint(LINK_LOCAL, 2, 2, SOURCE)));
    assertFalse(endpoint.sameRemote(new Endpoint(LINK_LOCAL, 1, 3, SOURCE)));
    assertFalse(endpoint.sameRemote(new Endpoint(IpAddress.parse("fe80::3"), 1, 2, SOURCE)));
  }

  @Test
  void forgettingTheSourceKeepsTheScope() {
    assertEquals(new Endpoint(LINK_LOCAL, 1, 2, Source.NONE), new Endpoint(LINK_LOCAL, 1, 2, SOURCE).withoutSource());
  }
}
