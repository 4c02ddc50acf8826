package dev.jwg.host;

/**
 * Values of the kernel's "protocol" field, which says who added a rule, a route or an address. {@code ip} shows them as
 * {@code proto 106}. They tell leftovers of jwg from equal objects of other programs, and they survive {@code kill -9}.
 */
final class Tag {
  /** Added by jwg. */
  static final int JWG = 106;

  /** A rule of jwg which also records that jwg switched on {@code src_valid_mark}, so that it has to be reset. */
  static final int JWG_RESETS_SOURCE_VALID_MARK = 107;

  private Tag() {}

  static boolean isJwg(int protocol) {
    return protocol == JWG || protocol == JWG_RESETS_SOURCE_VALID_MARK;
  }
}
