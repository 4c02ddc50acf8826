package dev.jwg.daemon;

import dev.jwg.config.PeerConfig;
import dev.jwg.config.WgConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a configuration says, keys included, as far as it takes to see whether another says the same. */
record Fingerprint(String sha256) {

  static Fingerprint of(WgConfig config) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every JVM has it
    }
    digest.update(config.toString().getBytes(StandardCharsets.UTF_8)); // without secrets
    config.device().privateKey().ifPresent(key -> digest.update(key.toBytes()));
    for (PeerConfig peer : config.peers()) {
      peer.presharedKey().ifPresent(key -> digest.update(key.toBytes()));
    }
    return new Fingerprint(HexFormat.of().formatHex(digest.digest()));
  }
}
