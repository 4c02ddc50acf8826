package dev.jwg.device;

import dev.jwg.session.SessionLimits;
import dev.jwg.time.Clock;
import dev.jwg.time.Timer;
import java.security.SecureRandom;
import java.util.concurrent.Executor;

/**
 * What a device is given instead of reaching for it, so that tests run it on a manual clock.
 *
 * @param timer runs tasks on the control thread
 * @param control runs tasks on the control thread: handshakes, timers, configuration
 * @param shard runs tasks on the data shard's thread: packets
 */
public record Environment(
    Clock clock,
    Timer timer,
    Executor control,
    Executor shard,
    SecureRandom random,
    SessionLimits limits,
    KeyLog keyLog) {}
