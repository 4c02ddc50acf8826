package dev.jwg.host;

import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The environment of hooks and of the system's programs. They get what wg-quick's get: the C locale, and neither what is
 * meant for jwg alone nor a variable that holds a key.
 */
public final class ChildEnvironment {
  private static final String OWN_PREFIX = "JWG_";

  /** Variables of sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3), which speak to one process only. */
  private static final Set<String> OF_SERVICE_MANAGER =
      Set.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES");

  private final Supplier<Set<String>> keyVariables;

  /** Takes the names of the variables that hold keys, asked for anew for each child. */
  public ChildEnvironment(Supplier<Set<String>> keyVariables) {
    this.keyVariables = keyVariables;
  }

  /** Makes a copy of this process's environment a child's. */
  void adapt(Map<String, String> environment) {
    environment.keySet().removeIf(name -> name.startsWith(OWN_PREFIX));
    environment.keySet().removeAll(OF_SERVICE_MANAGER);
    environment.keySet().removeAll(keyVariables.get());
    environment.put("LC_ALL", "C");
  }
}
