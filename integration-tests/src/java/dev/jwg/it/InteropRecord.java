package dev.jwg.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Writes down how each scenario went with each peer of jwg's, a line each, into {@code target/interop.tsv}: what
 * {@code integration-tests/interop-table} makes the README's table of.
 */
final class InteropRecord implements InvocationInterceptor {
  private static final Set<Software> OURS = EnumSet.of(Software.JWG, Software.JWG_WITH_LOW_LIMITS);
  private static final Path FILE = Path.of(System.getProperty("jwg.jar", "target/jwg.jar")).resolveSibling("interop.tsv");

  private static final Pattern WORD_START =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?<!Ipv)(?=[0-9])");

  private static final Map<String, String> ABBREVIATIONS = Map.of(
      "ipv4", "IPv4", "ipv6", "IPv6", "kib", "KiB", "mtu", "MTU", "nat", "NAT", "tcp", "TCP");

  static {
    try {
      Files.deleteIfExists(FILE); // an earlier run's
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext test) throws Throwable {
    String result = "fail";
    try {
      invocation.proceed();
      result = "pass";
    } catch (TestAbortedException e) {
      result = "skip";
      throw e;
    } finally {
      record(call, result);
    }
  }

  private static void record(ReflectiveInvocationContext<Method> call, String result) {
    Optional<Software> peer = argument(call, Pair.class).flatMap(InteropRecord::peer);
    if (peer.isPresent()) {
      Method test = call.getExecutable();
      String over = argument(call, Family.class).map(family -> "Over" + family).orElse("");
      write(String.join("\t",
          test.getDeclaringClass().getSimpleName(), sentence(test.getName() + over), peer.get().name(), result));
    }
  }

  private static <T> Optional<T> argument(ReflectiveInvocationContext<Method> call, Class<T> type) {
    return call.getArguments().stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /** The other side than jwg, or jwg if it is both. */
  private static Optional<Software> peer(Pair pair) {
    if (!OURS.contains(pair.initiator())) {
      return OURS.contains(pair.responder()) ? Optional.of(pair.initiator()) : Optional.empty();
    }
    return Optional.of(OURS.contains(pair.responder()) ? Software.JWG : pair.responder());
  }

  /** The words of a method's name. */
  private static String sentence(String name) {
    String words = Stream.of(WORD_START.split(name, -1))
        .map(word -> word.toLowerCase(Locale.ROOT))
        .map(word -> ABBREVIATIONS.getOrDefault(word, word))
        .collect(Collectors.joining(" "));
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static synchronized void write(String line) {
    try {
      Files.writeString(FILE, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
