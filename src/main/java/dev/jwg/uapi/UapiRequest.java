package dev.jwg.uapi;

import dev.jwg.device.DeviceUpdate;

/** One operation of a client. */
sealed interface UapiRequest {

  /** {@code get=1}: everything about the device. */
  record Get() implements UapiRequest {}

  /** {@code set=1}: a change, valid as a whole. */
  record Set(DeviceUpdate update) implements UapiRequest {}
}
