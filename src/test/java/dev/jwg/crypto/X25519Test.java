package dev.jwg.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class X25519Test {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** RFC 7748 section 5.2; the second point has its unused top bit set. */
  @ParameterizedTest
  @CsvSource({
    "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4,"
        + "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c,"
        + "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d,"
        + "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493,"
        + "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
  })
  void multipliesAsRfc7748Says(String scalar, String point, String product) {
    assertEquals(product, hex(X25519.sharedSecret(PrivateKey.parseHex(scalar), PublicKey.parseHex(point))));
  }

  @Test
  void thousandIterationsEndWhereRfc7748Says() {
    byte[] scalar = new byte[32];
    scalar[0] = 9;
    byte[] point = scalar;
    for (int i = 0; i < 1000; i++) {
      byte[] next = X25519.sharedSecret(PrivateKey.of(scalar), PublicKey.of(point));
      assertNotNull(next);
      point = scalar;
      scalar = next;
    }
    assertEquals("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", hex(scalar));
  }

  /** RFC 7748 section 6.1. */
  @Test
  void aliceAndBobShareASecret() {
    PrivateKey alice = PrivateKey.parseHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    PrivateKey bob = PrivateKey.parseHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    PublicKey alicePublic = X25519.publicKey(alice);
    PublicKey bobPublic = X25519.publicKey(bob);

    assertEquals("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", alicePublic.toHex());
    assertEquals("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", bobPublic.toHex());
    String secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    assertEquals(secret, hex(X25519.sharedSecret(alice, bobPublic)));
    assertEquals(secret, hex(X25519.sharedSecret(bob, alicePublic)));
  }

  /** The points whose every multiple by a clamped scalar is zero, among them two that are not reduced. */
  @ParameterizedTest
  @ValueSource(strings = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
  })
  void pointsOfSmallOrderGiveNoSecret(String point) {
    assertNull(X25519.sharedSecret(X25519.generate(RANDOM), PublicKey.parseHex(point)));
  }

  @Test
  void generatedKeysAreClampedAndDiffer() {
    PrivateKey first = X25519.generate(RANDOM);
    byte[] bytes = first.toBytes();
    assertEquals(0, bytes[0] & 7);
    assertEquals(0x40, bytes[31] & 0xc0);
    assertNotEquals(first, X25519.generate(RANDOM));
  }

  private static String hex(byte @Nullable [] bytes) {
    assertNotNull(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
