package dev.jwg.it;

import java.util.List;

/** A private key and its public key, in base64. */
record KeyPair(String privateKey, String publicKey) {

  static KeyPair generate() {
    String privateKey = Lab.command("wg", "genkey");
    Running publicKey = new Running(List.of("wg", "pubkey"), new ProcessBuilder("wg", "pubkey"));
    publicKey.write(privateKey + "\n");
    return new KeyPair(privateKey, publicKey.awaitExit(Host.COMMAND_LIMIT).orFail());
  }

  static String presharedKey() {
    return Lab.command("wg", "genpsk");
  }

  @Override
  public String toString() {
    return publicKey;
  }
}
