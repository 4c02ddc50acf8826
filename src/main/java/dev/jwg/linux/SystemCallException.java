package dev.jwg.linux;

import java.io.IOException;

/** A failed system call, as in {@code ioctl TUNSETIFF wg0: EPERM (need CAP_NET_ADMIN)}. */
public final class SystemCallException extends IOException {
  private static final long serialVersionUID = 1;

  private final int number;

  /**
   * A failure of {@code call}.
   *
   * @param call the call and what it was about: {@code ioctl TUNSETIFF wg0}
   * @param number the error number
   */
  public SystemCallException(String call, int number) {
    super(call + ": " + Errno.nameOf(number));
    this.number = number;
  }

  /**
   * A failure that the reader can do something about.
   *
   * @param advice what to do, without brackets: {@code need CAP_NET_ADMIN}
   */
  public SystemCallException(String call, int number, String advice) {
    super(call + ": " + Errno.nameOf(number) + " (" + advice + ")");
    this.number = number;
  }

  public boolean is(Errno errno) {
    return number == errno.number();
  }
}
