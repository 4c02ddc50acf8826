package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShowJsonTest {
  private static final String SECRET = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  private static final String PEER = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

  private static final DeviceState STATE = new DeviceState(
      Optional.of(PrivateKey.parseBase64(SECRET)),
      51820,
      -1,
      List.of(
          new PeerState(
              PublicKey.parseBase64(PEER), Optional.of(PresharedKey.parseBase64(SECRET)),
              Optional.of(new Endpoint(IpAddress.parse("2001:db8::1"), 5)),
              Optional.of(Instant.ofEpochSecond(1_700_000_000L, 5)), Long.MAX_VALUE, 7, 25,
              List.of(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("fd00::/64"))),
          new PeerState(
              PublicKey.parseBase64(SECRET), Optional.empty(), Optional.empty(), Optional.empty(), 0, 0, 0, List.of())));

  private static String text(boolean showKeys) {
    return new ShowJson(showKeys).text(Map.of("wg0", STATE));
  }

  @Test
  void numbersAreAlwaysThereAndTextOnlyWhereThereIsSome() {
    assertEquals("""
        {
          "wg0": {
            "privateKey": "(hidden)",
            "publicKey": "pOCSkrZRwni5dyxWn1+puxPZBrRqtoyd+dwrRAn4ogk=",
            "listenPort": 51820,
            "fwmark": 4294967295,
            "peers": {
              "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=": {
                "presharedKey": "(hidden)",
                "endpoint": "[2001:db8::1]:5",
                "latestHandshake": 1700000000,
                "transferRx": 9223372036854775807,
                "transferTx": 7,
                "persistentKeepalive": 25,
                "allowedIps": [
                  "10.0.0.0/8",
                  "fd00::/64"
                ]
              },
              "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=": {
                "latestHandshake": 0,
                "transferRx": 0,
                "transferTx": 0,
                "persistentKeepalive": 0,
                "allowedIps": []
              }
            }
          }
        }
        """, text(false));
  }

  @Test
  void keysAreShownOnRequest() {
    assertTrue(text(true).contains("\"privateKey\": \"" + SECRET + "\""));
    assertTrue(text(true).contains("\"presharedKey\": \"" + SECRET + "\""));
    assertFalse(text(false).contains("Key\": \"" + SECRET));
  }

  @Test
  void nothingIsAnEmptyObject() {
    assertEquals("{}\n", new ShowJson(false).text(Map.of()));
  }
}
