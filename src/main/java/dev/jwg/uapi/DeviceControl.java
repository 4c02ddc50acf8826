package dev.jwg.uapi;

import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import java.io.IOException;

/** The endpoint as the UAPI server sees it; called on the server's event loop only. */
public interface DeviceControl {
  DeviceState state();

  /** True until the endpoint is set up as its configuration says, which readiness probes wait for. */
  default boolean isStarting() {
    return false;
  }

  /** True while the interface is up, but its port is taken, so that nothing passes. */
  default boolean isWithoutPort() {
    return false;
  }

  /**
   * Applies a change as a whole. Its keys are the implementation's from now on.
   *
   * @throws IOException nothing was changed; a {@link dev.jwg.linux.SystemCallException} tells the client why
   */
  void apply(DeviceUpdate update) throws IOException;
}
