package dev.jwg.config;

import dev.jwg.net.Endpoint;
import dev.jwg.net.Endpoint.Source;
import dev.jwg.net.IpAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the system's resolver for a peer's address, again and again while its failure may pass.
 *
 * <p>The order of addresses is the system's only with {@code java.net.preferIPv6Addresses=system}, which {@code main} sets.
 */
public final class EndpointResolver {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointResolver.class);

  /** As wg(8) has it: environment variable, default and delays. */
  public static final String RETRIES_VARIABLE = "WG_ENDPOINT_RESOLUTION_RETRIES";

  private static final int DEFAULT_RETRIES = 15;
  private static final long FIRST_DELAY_MS = 1000;
  private static final long LONGEST_DELAY_MS = 20_000;

  /**
   * What gai_strerror(3) says of the failures that glibc's documentation calls permanent: EAI_NONAME, EAI_NODATA and
   * EAI_FAIL. The JDK hands on no code, only this text at the end of its message.
   */
  private static final List<String> PERMANENT = List.of(
      "Name or service not known", "No address associated with hostname", "Non-recoverable failure in name resolution");

  /** The system's resolver, or a test's. */
  public interface Lookup {
    InetAddress[] find(String host) throws UnknownHostException;
  }

  /** Waits between attempts. */
  public interface Sleeper {
    void sleep(Duration delay) throws InterruptedException;
  }

  private final long retries;
  private final Lookup lookup;
  private final Sleeper sleeper;

  /** The system's resolver, with the number of retries that the environment names. */
  public static EndpointResolver system() throws ConfigException {
    return system(System.getenv().getOrDefault(RETRIES_VARIABLE, ""));
  }

  /** The system's resolver, asked a single time. */
  public static EndpointResolver systemOnce() throws ConfigException {
    return system("0");
  }

  private static EndpointResolver system(String retries) throws ConfigException {
    // Otherwise the JDK answers from its own memory for half a minute, or ten seconds after a failure.
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    return new EndpointResolver(retries, InetAddress::getAllByName, delay -> Thread.sleep(delay.toMillis()));
  }

  /** Takes the number of retries from {@link #RETRIES_VARIABLE}'s value, which may be empty. */
  public EndpointResolver(String retries, Lookup lookup, Sleeper sleeper) throws ConfigException {
    this.retries = parseRetries(retries);
    this.lookup = lookup;
    this.sleeper = sleeper;
  }

  private static long parseRetries(String text) throws ConfigException {
    if (text.isEmpty()) {
      return DEFAULT_RETRIES;
    }
    if (text.equals("infinity")) {
      return Long.MAX_VALUE;
    }
    if (!text.matches("[0-9]{1,9}")) {
      throw new ConfigException(RETRIES_VARIABLE, BadValueException.quote(text) + " is neither a number nor infinity");
    }
    return Long.parseLong(text);
  }

  /**
   * The first address that the resolver gives, with the scope of a link-local one.
   *
   * @throws UnknownHostException if there is none, or the retries are used up
   */
  public Endpoint resolve(PeerEndpoint endpoint) throws UnknownHostException, InterruptedException {
    if (endpoint.host().indexOf(':') >= 0) {
      return ipv6Literal(endpoint);
    }
    long delayMs = FIRST_DELAY_MS;
    for (long left = retries; ; left--) {
      try {
        return endpoint(lookup.find(endpoint.host())[0], endpoint.port());
      } catch (UnknownHostException e) {
        if (left == 0 || isPermanent(e)) {
          throw e;
        }
        LOG.warn("Cannot resolve {} now, trying again in {} ms: {}", endpoint, delayMs, e.getMessage());
      }
      sleeper.sleep(Duration.ofMillis(delayMs));
      delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 6 / 5);
    }
  }

  /** Not for the JDK: it takes an interface for a zone only if that has a link-local address of its own. */
  private static Endpoint ipv6Literal(PeerEndpoint endpoint) throws UnknownHostException {
    String host = endpoint.host();
    int percent = host.indexOf('%');
    IpAddress address = IpAddress.parse(percent < 0 ? host : host.substring(0, percent));
    return new Endpoint(address, endpoint.port(), percent < 0 ? 0 : scope(host.substring(percent + 1)), Source.NONE);
  }

  private static int scope(String zone) throws UnknownHostException {
    if (zone.matches("[0-9]{1,9}")) {
      return Integer.parseInt(zone);
    }
    try {
      NetworkInterface found = NetworkInterface.getByName(zone);
      if (found != null) {
        return found.getIndex();
      }
    } catch (SocketException unreadable) {
      // As good as none.
    }
    throw new UnknownHostException("there is no interface " + zone);
  }

  private static boolean isPermanent(UnknownHostException e) {
    String message = String.valueOf(e.getMessage());
    return PERMANENT.stream().anyMatch(message::endsWith);
  }

  private static Endpoint endpoint(InetAddress address, int port) {
    int scopeId = address instanceof Inet6Address v6 ? v6.getScopeId() : 0;
    return new Endpoint(IpAddress.of(address), port, scopeId, Source.NONE);
  }
}
