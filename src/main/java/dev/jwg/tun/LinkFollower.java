package dev.jwg.tun;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.LinkMonitor;
import dev.jwg.linux.Registration;
import dev.jwg.linux.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a {@link Tun.LinkListener} what is done to the interface, also after it was moved to another network namespace.
 *
 * <p>To netlink a move looks much like a deletion, so the TUN's descriptor, which lives through a move, has the last word.
 * It is only touched on the shard, which may close it at any time; all else happens on the control thread.
 */
final class LinkFollower implements LinkMonitor.Listener {
  private static final Logger log = LoggerFactory.getLogger(LinkFollower.class);

  /** linux/sched.h. */
  private static final int CLONE_NEWNET = 0x40000000;

  /** RFC 8200 section 5. Below it Linux takes IPv6, and its settings, off the interface. */
  private static final int IPV6_MINIMUM_MTU = 1280;

  private final EpollLoop control;
  private final Runnable locate;
  private final boolean isOurs;
  private volatile String name;
  private volatile int interfaceIndex;
  private LinkMonitor monitor;
  private @Nullable QuietLink quiet;
  private boolean hadIpv6 = true;
  private @Nullable Registration watching;
  private Tun.@Nullable LinkListener listener;
  private boolean isEnded;

  /**
   * Subscribes to events in the calling thread's namespace; they wait until the start.
   *
   * @param isOurs true if the interface was made by us, so that we also keep it quiet
   * @param locate finds out what became of the interface and calls {@link #follow} or {@link #deleted}
   */
  LinkFollower(String name, boolean isOurs, EpollLoop control, Runnable locate) throws IOException {
    this.name = name;
    this.isOurs = isOurs;
    this.control = control;
    this.locate = locate;
    interfaceIndex = InterfaceRequest.index(name);
    monitor = monitorHere(name);
  }

  /** In the calling thread's namespace, where the interface is new and has the kernel's default settings. */
  private LinkMonitor monitorHere(String present) throws IOException {
    try {
      if (isOurs) {
        quiet = QuietLink.open(present);
        quiet.disableAddressGeneration();
      }
      return new LinkMonitor(InterfaceRequest.index(present), this);
    } catch (IOException e) {
      closeQuietLink();
      throw e;
    }
  }

  private void closeQuietLink() {
    if (quiet != null) {
      quiet.close();
      quiet = null;
    }
  }

  String name() {
    return name;
  }

  /** The interface's index, or 0 while it is in another network namespace than this program. */
  int interfaceIndex() {
    return interfaceIndex;
  }

  /** Names who hears; before the start, and before the shard may find the interface deleted. */
  void listen(Tun.LinkListener link) {
    listener = link;
  }

  /** Begins to report. */
  void start() {
    control.execute(this::watch);
  }

  private void watch() {
    if (isEnded) {
      return;
    }
    LinkMonitor watched = monitor;
    watching = control.register(watched.fd(), () -> read(watched), watched::close);
    watched.report();
  }

  private void read(LinkMonitor watched) {
    try {
      watched.onReadable();
    } catch (IOException e) {
      log.warn("Changes of {} from outside are no longer followed: {}", name, e.getMessage());
      stopWatching();
    }
  }

  private void stopWatching() {
    Registration old = watching;
    if (old == null) {
      monitor.close();
    } else {
      old.close();
    }
    closeQuietLink();
  }

  @Override
  public void onMtu(int mtu) {
    boolean hasIpv6 = mtu >= IPV6_MINIMUM_MTU;
    if (hasIpv6 && !hadIpv6 && quiet != null) {
      keepQuiet(quiet);
    }
    hadIpv6 = hasIpv6;
    listener().onMtu(mtu);
  }

  private void keepQuiet(QuietLink link) {
    try {
      link.disableAddressGeneration();
    } catch (IOException e) {
      log.warn("IPv6 address generation on {} stays as it is: {}", name, e.getMessage());
    }
  }

  @Override
  public void onUp() {
    listener().onUp();
  }

  @Override
  public void onDown() {
    listener().onDown();
  }

  @Override
  public void onName(String present) {
    if (!name.equals(present)) {
      log.info("{} is now named {}", name, present);
      name = present;
      listener().onName(present);
    }
  }

  @Override
  public void onGone() {
    stopWatching();
    locate.run();
  }

  @Override
  public void onMoved() {
    stopWatching();
    locate.run();
  }

  private Tun.LinkListener listener() {
    return Objects.requireNonNull(listener);
  }

  /** The interface is in another namespace, perhaps under another name: goes there. From any thread. */
  void follow(String present, int namespace) {
    control.execute(
        () -> {
          try {
            if (!isEnded) {
              watchIn(namespace, present);
            }
          } finally {
            Libc.close(namespace);
          }
        });
  }

  private void watchIn(int namespace, String present) {
    interfaceIndex = 0;
    CompletableFuture<LinkMonitor> opened = new CompletableFuture<>();
    // Sockets stay in the namespace they were made in; the thread that makes them is of no further use in ours.
    new Thread(() -> monitorIn(namespace, present, opened), "jwg-enter-namespace").start();
    try {
      monitor = opened.join();
    } catch (CompletionException e) {
      notFollowed(present, e);
      return;
    }
    onName(present);
    log.info("{} is now in another network namespace", present);
    watch();
  }

  private void monitorIn(int namespace, String present, CompletableFuture<LinkMonitor> opened) {
    try {
      if (Libc.setns(namespace, CLONE_NEWNET) < 0) {
        throw new SystemCallException("setns", Libc.errno(), "need CAP_SYS_ADMIN");
      }
      int index = InterfaceRequest.index(present);
      LinkMonitor opening = monitorHere(present);
      interfaceIndex = isOwn(namespace) ? index : 0;
      opened.complete(opening);
    } catch (Throwable e) {
      opened.completeExceptionally(e);
    }
  }

  /** True if the namespace is the one that the program, with its sockets, is in: namespaces(7). */
  private static boolean isOwn(int namespace) {
    try {
      Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
      return own.equals(Files.readSymbolicLink(Path.of("/proc/self/fd/" + namespace)));
    } catch (IOException noProc) {
      return false;
    }
  }

  private void notFollowed(String present, CompletionException e) {
    if (!(e.getCause() instanceof IOException failure)) {
      throw e;
    }
    if (failure instanceof SystemCallException call && call.is(Errno.ENODEV)) {
      locate.run(); // renamed, moved again or deleted since it was located
    } else {
      log.warn("Changes of {} in its new network namespace are not followed: {}", present, failure.getMessage());
    }
  }

  /** The interface has been deleted. From any thread; reported once. */
  void deleted() {
    control.execute(
        () -> {
          if (!isEnded) {
            end();
            listener().onDeleted();
          }
        });
  }

  private void end() {
    isEnded = true;
    stopWatching();
  }

  /** Ends the reports. From any thread; one that is under way may still arrive. */
  void close() {
    control.execute(this::end);
  }
}
