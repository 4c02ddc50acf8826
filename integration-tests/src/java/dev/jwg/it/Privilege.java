package dev.jwg.it;

import java.util.List;

/** The two ways in which the image is meant to run; either without any other capability. */
enum Privilege {
  ROOT_WITH_NET_ADMIN {
    @Override
    List<String> options() {
      return List.of("--user", "0", "--cap-add", "NET_ADMIN");
    }
  },

  /** The image's own user, on an interface that an init container prepared. */
  NONE {
    @Override
    List<String> options() {
      return List.of();
    }
  };

  abstract List<String> options();

  /** The user that has to be able to read the configuration. */
  int user() {
    return this == NONE ? 10001 : 0;
  }
}
