package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Offloads that a kernel takes at the start and refuses once packets come: nothing is lost, and a warning says it. */
@NetworkTest
final class LateRefusalIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Refuses writes of a virtio header with a GSO type, and messages with the control message UDP_SEGMENT. */
  private static final String SHIM = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <errno.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/socket.h>
      #include <unistd.h>
      static int is_tun(int fd) {
        char path[32], target[64] = "";
        __builtin_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        return readlink(path, target, sizeof target - 1) > 0 && !strcmp(target, "/dev/net/tun");
      }
      ssize_t write(int fd, const void *bytes, size_t length) {
        char *error = getenv("REFUSE_TUN");
        if (error && length > 10 && ((const char *) bytes)[1] && is_tun(fd)) { errno = atoi(error); return -1; }
        return ((ssize_t (*)(int, const void *, size_t)) dlsym(RTLD_NEXT, "write"))(fd, bytes, length);
      }
      ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
        char *error = getenv("REFUSE_UDP");
        struct cmsghdr *control = error ? CMSG_FIRSTHDR(message) : 0;
        if (control && control->cmsg_level == 17 && control->cmsg_type == 103) { errno = atoi(error); return -1; }
        return ((ssize_t (*)(int, const struct msghdr *, int)) dlsym(RTLD_NEXT, "sendmsg"))(fd, message, flags);
      }
      """;

  @ParameterizedTest(name = "{displayName}: errno {0}")
  @ValueSource(ints = {22, 5, 105, 524})
  void theStreamArrivesWholeAndOneWarningSaysWhy(int error, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    // Behind the hosts: a new host is shown all files there are, as text.
    Path source = lab.file("shim.c", SHIM);
    String shim = source.resolveSibling("shim.so").toString();
    Lab.command("gcc", "-shared", "-fPIC", "-include", "stdio.h", "-o", shim, source.toString(), "-ldl");
    for (Side side : tunnel.sides()) {
      side.precede("env", "LD_PRELOAD=" + shim, "REFUSE_TUN=" + error, "REFUSE_UDP=" + error);
      tunnel.create(side);
    }
    tunnel.connect();
    tunnel.responder().host().start(traffic("serve")).awaitLine("^listening$", LIMIT);
    tunnel.initiator().host().runFor(LIMIT, traffic("exchange", tunnel.responder().inner4(), tunnel.responder().inner6())).orFail();
    for (Side side : tunnel.sides()) {
      side.program().awaitLine("UDP segmentation offload is off: sendmsg: ", LIMIT);
      String output = side.program().output();
      assertEquals(1, count(output, "refuses merged TCP packets"), output);
      assertFalse(count(output, "refuses merged UDP packets") > 1, output);
    }
  }

  private static long count(String output, String text) {
    return output.lines().filter(line -> line.contains(text)).count();
  }

  private static String[] traffic(String... words) {
    List<String> command = new ArrayList<>(List.of(
        System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1", "-cp",
        System.getProperty("jwg.jar") + ":" + System.getProperty("jwg.test.classes"), InnerTraffic.class.getName()));
    command.addAll(List.of(words));
    return command.toArray(String[]::new);
  }
}
