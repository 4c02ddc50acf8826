package dev.jwg.linux;

/** Error numbers of Linux on x86-64 and aarch64 (asm-generic/errno-base.h, asm-generic/errno.h). */
public enum Errno {
  EPERM(1),
  ENOENT(2),
  ESRCH(3),
  EINTR(4),
  EIO(5),
  ENXIO(6),
  EBADF(9),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EBUSY(16),
  EEXIST(17),
  ENODEV(19),
  EINVAL(22),
  ENOSPC(28),
  ERANGE(34),
  EPROTO(71),
  EBADFD(77),
  EMSGSIZE(90),
  ENOPROTOOPT(92),
  EPROTONOSUPPORT(93),
  EOPNOTSUPP(95),
  EAFNOSUPPORT(97),
  EADDRINUSE(98),
  EADDRNOTAVAIL(99),
  ENETDOWN(100),
  ENETUNREACH(101),
  ENOBUFS(105),
  ECONNREFUSED(111),
  EHOSTUNREACH(113),

  /** Internal to the kernel, but some drivers let it out. */
  ENOTSUPP(524);

  /** {@link #values} copies its array at each call, and names are asked for where packets are dropped. */
  private static final Errno[] ALL = values();

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /** {@code EPERM}, or {@code errno 200} for a number without a name here. */
  public static String nameOf(int number) {
    for (Errno errno : ALL) {
      if (errno.number == number) {
        return errno.name();
      }
    }
    return "errno " + number;
  }
}
