package dev.jwg.crypto;

import static dev.jwg.crypto.AeadVectors.DRAFTS;
import static dev.jwg.crypto.AeadVectors.DRAFTS_ASSOCIATED;
import static dev.jwg.crypto.AeadVectors.DRAFTS_CIPHERTEXT;
import static dev.jwg.crypto.AeadVectors.DRAFTS_COUNTER;
import static dev.jwg.crypto.AeadVectors.DRAFTS_KEY;
import static dev.jwg.crypto.AeadVectors.DRAFTS_TAG;
import static dev.jwg.crypto.AeadVectors.SUNSCREEN;
import static dev.jwg.crypto.AeadVectors.SUNSCREEN_ASSOCIATED;
import static dev.jwg.crypto.AeadVectors.SUNSCREEN_KEY;
import static dev.jwg.crypto.AeadVectors.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.junit.jupiter.api.Test;

final class AeadTest {
  private static final byte[] XNONCE = hex("404142434445464748494a4b4c4d4e4f5051525354555657");
  private static final byte[] XSEALED =
      hex(
          "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
              + "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
              + "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");

  @Test
  void sealsAsRfc8439AppendixA5() {
    byte[] sealed = Aead.seal(DRAFTS_KEY, DRAFTS_COUNTER, DRAFTS_ASSOCIATED, DRAFTS);
    assertArrayEquals(hex(DRAFTS_CIPHERTEXT + DRAFTS_TAG), sealed);
  }

  @Test
  void opensAsRfc8439AppendixA5() {
    byte[] sealed = hex(DRAFTS_CIPHERTEXT + DRAFTS_TAG);
    assertArrayEquals(DRAFTS, Aead.open(DRAFTS_KEY, DRAFTS_COUNTER, DRAFTS_ASSOCIATED, sealed));
  }

  /** Its nonce starts with a byte that is always zero in ours. */
  @Test
  void sealsAsRfc8439Section282() {
    byte[] sealed =
        Aead.seal(
            new ChaCha20Poly1305(), SUNSCREEN_KEY, hex("070000004041424344454647"), SUNSCREEN_ASSOCIATED, SUNSCREEN);
    assertArrayEquals(
        hex(
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
                + "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                + "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"),
        sealed);
  }

  @Test
  void sealsAsTheXchachaDraft() {
    assertArrayEquals(XSEALED, XAead.seal(SUNSCREEN_KEY, XNONCE, SUNSCREEN_ASSOCIATED, SUNSCREEN));
  }

  @Test
  void opensAsTheXchachaDraft() {
    assertArrayEquals(SUNSCREEN, XAead.open(SUNSCREEN_KEY, XNONCE, SUNSCREEN_ASSOCIATED, XSEALED));
  }

  @Test
  void whatIsAlteredDoesNotOpen() {
    for (int bit = 0; bit < XSEALED.length * Byte.SIZE; bit++) {
      byte[] altered = XSEALED.clone();
      altered[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
      assertNull(XAead.open(SUNSCREEN_KEY, XNONCE, SUNSCREEN_ASSOCIATED, altered), "bit " + bit);
    }
  }

  @Test
  void whatIsTruncatedDoesNotOpen() {
    byte[] sealed = hex(DRAFTS_CIPHERTEXT + DRAFTS_TAG);
    for (int length = 0; length < sealed.length; length++) {
      byte[] truncated = Arrays.copyOf(sealed, length);
      assertNull(Aead.open(DRAFTS_KEY, DRAFTS_COUNTER, DRAFTS_ASSOCIATED, truncated), "length " + length);
    }
  }

  @Test
  void keyNonceAndAssociatedDataAllMatter() {
    byte[] sealed = hex(DRAFTS_CIPHERTEXT + DRAFTS_TAG);
    assertNull(Aead.open(SUNSCREEN_KEY, DRAFTS_COUNTER, DRAFTS_ASSOCIATED, sealed));
    assertNull(Aead.open(DRAFTS_KEY, DRAFTS_COUNTER + 1, DRAFTS_ASSOCIATED, sealed));
    assertNull(Aead.open(DRAFTS_KEY, DRAFTS_COUNTER, SUNSCREEN_ASSOCIATED, sealed));
  }
}
