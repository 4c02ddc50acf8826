package dev.jwg.daemon;

import dev.jwg.linux.ServiceNotification;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service manager that started this process, such as systemd, if one did and wants to hear of its state. */
final class ServiceManager {
  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

  private ServiceManager() {}

  /** Tells it {@code READY=1} or another state of sd_notify(3). */
  static void tell(String state) {
    String socket = System.getenv("NOTIFY_SOCKET");
    if (socket == null) {
      return;
    }
    try {
      ServiceNotification.send(socket, state);
    } catch (IOException e) {
      log.warn("cannot tell the service manager {}: {}", state, e.getMessage());
    }
  }
}
