package dev.jwg.config;

import dev.jwg.crypto.PrivateKey;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The {@code [Interface]} section.
 *
 * @param privateKey an all-zero key means none
 * @param privateKeyFile where the text names a file instead of the key
 * @param listenPort 0 for a random port
 * @param fwMark an unsigned 32-bit number, 0 for off
 * @param host what wg-quick adds; {@link HostConfig#NONE} in the dialect of wg
 */
public record InterfaceConfig(
    Optional<PrivateKey> privateKey,
    Optional<String> privateKeyFile,
    OptionalInt listenPort,
    OptionalInt fwMark,
    HostConfig host) {

  /** With the key in the text, or none. */
  public InterfaceConfig(
      Optional<PrivateKey> privateKey, OptionalInt listenPort, OptionalInt fwMark, HostConfig host) {
    this(privateKey, Optional.empty(), listenPort, fwMark, host);
  }
}
