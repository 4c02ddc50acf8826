package dev.jwg.crypto;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Published messages that several tests seal and open. */
final class AeadVectors {
  /** RFC 8439 section 2.8.2 and draft-irtf-cfrg-xchacha section A.3.1. */
  static final byte[] SUNSCREEN =
      ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
              + "sunscreen would be it.")
          .getBytes(StandardCharsets.US_ASCII);

  static final byte[] SUNSCREEN_KEY = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  static final byte[] SUNSCREEN_ASSOCIATED = hex("50515253c0c1c2c3c4c5c6c7");

  /** RFC 8439 appendix A.5, whose nonce has the shape of ours. */
  static final byte[] DRAFTS_KEY = hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");

  static final long DRAFTS_COUNTER = 0x0807060504030201L;
  static final byte[] DRAFTS_ASSOCIATED = hex("f33388860000000000004e91");
  static final byte[] DRAFTS =
      ("Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, or "
              + "obsoleted by other documents at any time. It is inappropriate to use Internet-Drafts as reference "
              + "material or to cite them other than as /\u201cwork in progress./\u201d")
          .getBytes(StandardCharsets.UTF_8);
  static final String DRAFTS_CIPHERTEXT =
      "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0"
          + "bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
          + "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e9"
          + "9040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
          + "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130"
          + "305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b";
  static final String DRAFTS_TAG = "eead9d67890cbb22392336fea1851f38";

  private AeadVectors() {}

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
