package dev.jwg.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A program, or a kernel, that gives a host a WireGuard interface. */
enum Software {
  JWG {
    @Override
    List<String> create(String device) {
      return logged(jwg("create", device));
    }
  },

  /** jwg whose sessions age in seconds, by a main class that only the tests have. */
  JWG_WITH_LOW_LIMITS {
    @Override
    List<String> create(String device) {
      String classPath = required("jwg.jar") + ":" + required("jwg.test.classes");
      return logged(java(List.of("-cp", classPath, "dev.jwg.daemon.LowLimitsMain"), "create", device));
    }
  },

  WIREGUARD_GO {
    @Override
    List<String> create(String device) {
      return List.of("env", "LOG_LEVEL=verbose", "WG_PROCESS_FOREGROUND=1", fromSid() + "/bin/wireguard-go", "-f", device);
    }
  },

  KERNEL_6_1("6.1"),

  /** The newest that Debian has, under whatever name it goes at the time. */
  KERNEL_NEWEST("newest");

  private final @Nullable String kernel;

  Software() {
    this(null);
  }

  Software(@Nullable String kernel) {
    this.kernel = kernel;
  }

  /** The kernel that is a guest's software; empty for a program. */
  Optional<String> kernel() {
    return Optional.ofNullable(kernel);
  }

  /** The command that makes an unconfigured interface; a program's serves it in the foreground until its end. */
  List<String> create(String device) {
    return List.of("ip", "link", "add", device, "type", "wireguard");
  }

  /** The folder of what integration-tests/setup took from Debian's sid suite. */
  static String fromSid() {
    return System.getenv().getOrDefault("JWG_CACHE", System.getProperty("user.home") + "/.cache/jwg") + "/sid";
  }

  /** A command of jwg's, such as {@code up wg0.conf}. */
  static List<String> jwg(String... arguments) {
    return java(List.of("-jar", required("jwg.jar")), arguments);
  }

  /** The same command with all that it can log, for the reader of a failure. */
  private static List<String> logged(List<String> command) {
    List<String> logged = new ArrayList<>(List.of("env", "JWG_LOG_LEVEL=debug"));
    logged.addAll(command);
    return logged;
  }

  private static List<String> java(List<String> program, String... arguments) {
    String java = System.getProperty("jwg.java", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(program);
    command.addAll(List.of(arguments));
    return command;
  }

  private static String required(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException("run by 'mvn verify', which sets " + property);
    }
    return value;
  }

  @Override
  public String toString() {
    if (kernel == null) {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
    return Guest.isInstalled(kernel)
        ? "kernel " + Guest.release(kernel).replaceFirst("^(\\d+\\.\\d+).*", "$1")
        : kernel + " kernel";
  }
}
