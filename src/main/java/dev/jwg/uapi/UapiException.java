package dev.jwg.uapi;

import dev.jwg.linux.Errno;
import java.io.IOException;

/** A request or reply that the protocol does not allow. The message names the key, never a secret's value. */
public final class UapiException extends IOException {
  private static final long serialVersionUID = 1;

  private final Errno errno;

  UapiException(Errno errno, String message) {
    super(message);
    this.errno = errno;
  }

  /** What the protocol answers: EINVAL for a bad value, EPROTO for text that is not the protocol. */
  public Errno errno() {
    return errno;
  }
}
