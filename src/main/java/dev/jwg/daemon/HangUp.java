package dev.jwg.daemon;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.Channel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * SIGHUP and its two meanings: to read the configuration again, as daemons take it; and to end, when it comes because
 * the terminal that the endpoint was started on is gone.
 */
final class HangUp {
  private static final Path CONTROLLING_TERMINAL = Path.of("/dev/tty");

  private HangUp() {}

  /** From now on; each signal has a thread of its own. One that the starter had ignored (nohup) stays so. */
  static void handle(Runnable onReload, Runnable onTerminalGone) {
    boolean hadTerminal = hasTerminal();
    onSignal("HUP", () -> (hadTerminal && !hasTerminal() ? onTerminalGone : onReload).run());
  }

  /** The kernel takes a lost terminal away before it tells (tty(4)), and then this cannot be opened. */
  private static boolean hasTerminal() {
    try (Channel terminal = Files.newByteChannel(CONTROLLING_TERMINAL, StandardOpenOption.READ)) {
      return terminal.isOpen();
    } catch (IOException none) {
      return false;
    }
  }

  /**
   * {@code Signal.handle(new Signal(name), signal -> action.run())} of sun.misc, which module jdk.unsupported has for want
   * of a better one; by reflection, since javac warns of that package in a way that nothing suppresses.
   */
  private static void onSignal(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calling =
          Proxy.newProxyInstance(
              HangUp.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                action.run();
                return null;
              });
      signal.getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), calling);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot handle SIG" + name, e);
    }
  }
}
