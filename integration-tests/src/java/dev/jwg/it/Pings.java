package dev.jwg.it;

import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Pings that go on in the background, ten a second. */
final class Pings {
  private static final Pattern ANSWER = Pattern.compile("bytes from .* icmp_seq=([0-9]+)");

  private final Running ping;

  Pings(Side from, String address) {
    this(from.host(), address);
  }

  Pings(Host from, String address) {
    ping = from.start("ping", "-n", "-i", "0.1", address);
  }

  private List<Integer> answered() {
    return ANSWER.matcher(ping.output()).results().map(Pings::sequence).toList();
  }

  private static int sequence(MatchResult answer) {
    return Integer.parseInt(answer.group(1));
  }

  /** Returns once more pings than now have been answered. */
  void awaitMore(Duration limit) {
    int before = answered().size();
    Await.until("'" + ping + "' is answered again", limit, () -> answered().size() > before);
  }

  /** How many of the pings up to the last answered one had no answer. */
  int lost() {
    List<Integer> answered = answered();
    return answered.isEmpty() ? 0 : answered.get(answered.size() - 1) - (int) answered.stream().distinct().count();
  }

  @Override
  public String toString() {
    return ping.toString();
  }
}
