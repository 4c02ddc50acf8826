package dev.jwg.config;

import dev.jwg.config.HostConfig.InterfaceAddress;
import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.util.OptionalLong;
import java.util.function.Function;

/** Reads single values, as wg(8) and wg-quick(8) do unless a comment says otherwise. */
final class Values {
  private static final long MAX_UNSIGNED_INT = 0xffff_ffffL;
  private static final int MAX_PORT = 0xffff;

  /** Smallest MTU of IPv4 (RFC 791 section 3.2); the kernel lets no TUN device have less. */
  private static final int MIN_MTU = 68;

  private static final int MAX_MTU = 65535;

  private static final int IPV4_BITS = 32;

  /** RT_TABLE_MAIN of linux/rtnetlink.h. */
  private static final long MAIN_TABLE = 254;

  private static final String NO_TABLE =
      "is not a table (auto, off, 0 to 4294967295, or a name in /etc/iproute2/rt_tables)";

  /** RFC 1035 section 2.3.4, as text without the final dot. */
  private static final int MAX_HOST_NAME = 253;

  /** The name of an interface, or its number. */
  private static final String ZONE = "[a-zA-Z0-9_=+.-]{1,15}";

  private final Services services;
  private final String configuration;
  private final KeyOrigins origins;

  /** Values of one file. */
  Values(Services services, String configuration, KeyOrigins origins) {
    this.services = services;
    this.configuration = configuration;
    this.origins = origins;
  }

  /** What stands in the file of that name. */
  String keyFile(String name) throws BadValueException {
    return KeyFile.readBeside(configuration, name, origins);
  }

  static PrivateKey privateKey(String text) throws BadValueException {
    return key(text, PrivateKey::parseBase64);
  }

  static PublicKey publicKey(String text) throws BadValueException {
    return key(text, PublicKey::parseBase64);
  }

  static PresharedKey presharedKey(String text) throws BadValueException {
    return key(text, PresharedKey::parseBase64);
  }

  /** Quotes nothing: a private key may have got into the wrong line. */
  private static <K> K key(String text, Function<String, K> parse) throws BadValueException {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new BadValueException("not a key: 44 characters of base64 ending in = are expected");
    }
  }

  /** A number or a service name; unlike getaddrinfo(3), no number is cut down to 16 bits. */
  int port(String text, int min) throws BadValueException {
    if (text.matches("[0-9]+")) {
      return (int) number(text, min, MAX_PORT, "is not a port (" + min + " to " + MAX_PORT + ")");
    }
    return services.udpPort(text).orElseThrow(() ->
        new BadValueException(text, "is neither a port (" + min + " to " + MAX_PORT + ") nor a UDP service in /etc/services"));
  }

  static int fwMark(String text) throws BadValueException {
    String reason = "is not a mark (off, 0 to 4294967295, or 0x0 to 0xffffffff)";
    return text.equalsIgnoreCase("off") ? 0 : (int) decimalOrHex(text, 0, reason);
  }

  static RoutingTable table(String text, RoutingTableNames names) throws BadValueException {
    return switch (text) {
      case "", "auto" -> RoutingTable.AUTO;
      case "off" -> RoutingTable.OFF;
      default -> {
        OptionalLong named = names.number(text);
        long number = named.isPresent() ? named.getAsLong() : decimalOrHex(text, 0, NO_TABLE);
        String shown = named.isPresent() ? text : Long.toString(number);
        yield RoutingTable.named(shown, number == 0 ? MAIN_TABLE : number); // 0 is the kernel's "not said"
      }
    };
  }

  private static long decimalOrHex(String text, int min, String reason) throws BadValueException {
    if (!text.startsWith("0x")) {
      return number(text, min, MAX_UNSIGNED_INT, reason);
    }
    String digits = text.substring(2).replaceFirst("^0+(?=.)", "");
    if (!digits.matches("[0-9a-fA-F]{1,8}") || Long.parseLong(digits, 16) < min) {
      throw new BadValueException(text, reason);
    }
    return Long.parseLong(digits, 16);
  }

  static int persistentKeepalive(String text) throws BadValueException {
    return text.equalsIgnoreCase("off") ? 0 : (int) number(text, 0, 65535, "is not an interval (off, or 0 to 65535 seconds)");
  }

  static int mtu(String text) throws BadValueException {
    return (int) number(text, MIN_MTU, MAX_MTU, "is not an MTU (" + MIN_MTU + " to " + MAX_MTU + ")");
  }

  static boolean bool(String text) throws BadValueException {
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return text.equalsIgnoreCase("true");
    }
    throw new BadValueException(text, "is neither true nor false");
  }

  /** Decimal digits; leading zeros mean nothing. */
  private static long number(String text, long min, long max, String reason) throws BadValueException {
    String digits = text.replaceFirst("^0+(?=.)", "");
    if (!digits.matches("[0-9]{1,10}") || Long.parseLong(digits) < min || Long.parseLong(digits) > max) {
      throw new BadValueException(text, reason);
    }
    return Long.parseLong(digits);
  }

  /** With {@code +} or {@code -} before a prefix that is added to, or removed from, what the peer has. */
  static AllowedIpChange allowedIp(String text) throws BadValueException {
    return new AllowedIpChange(prefix(isSigned(text) ? text.substring(1) : text), text.startsWith("-"));
  }

  static boolean isSigned(String allowedIp) {
    return allowedIp.startsWith("+") || allowedIp.startsWith("-");
  }

  private static IpPrefix prefix(String text) throws BadValueException {
    try {
      return IpPrefix.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BadValueException(text, "is not a prefix" + lengthHint(text));
    }
  }

  /** As ip-address(8) takes it: with a prefix length, with an IPv4 netmask, or alone. */
  static InterfaceAddress interfaceAddress(String text) throws BadValueException {
    int slash = text.indexOf('/');
    try {
      IpAddress address = hostAddress(slash < 0 ? text : text.substring(0, slash));
      String length = slash < 0 ? Integer.toString(address.bits()) : text.substring(slash + 1);
      boolean isMask = !address.isV6() && length.indexOf('.') >= 0;
      return new InterfaceAddress(
          address, isMask ? maskLength(length) : IpPrefix.parse(address + "/" + length).length());
    } catch (IllegalArgumentException e) {
      throw new BadValueException(
          text, "is not an address with an optional prefix length or netmask" + lengthHint(text));
    }
  }

  /** As ip(8) has it, {@code 10.1} is 10.1.0.0. */
  private static IpAddress hostAddress(String text) {
    boolean isShort = text.matches("[0-9]+(\\.[0-9]+){0,2}");
    return IpAddress.parse(isShort ? text + ".0".repeat(3 - (int) text.chars().filter(c -> c == '.').count()) : text);
  }

  /** {@code 255.255.255.0} is 24. */
  private static int maskLength(String text) {
    IpAddress mask = IpAddress.parse(text);
    int host = ~(int) mask.low();
    if (mask.isV6() || (host & (host + 1)) != 0) {
      throw new IllegalArgumentException(text + " is not a netmask");
    }
    return IPV4_BITS - Integer.bitCount(host);
  }

  private static String lengthHint(String text) {
    int slash = text.indexOf('/');
    try {
      IpAddress address = IpAddress.parse(text.substring(0, Math.max(slash, 0)));
      return " (length is 0 to " + address.bits() + ")";
    } catch (IllegalArgumentException theAddressIsWrongToo) {
      return "";
    }
  }

  /** wg-quick's rule for what is a server and not a search domain. */
  static boolean isDnsServer(String text) {
    return text.matches("[0-9.]+") || text.indexOf(':') >= 0;
  }

  /** An address; a link-local one may have a zone. */
  static NameServer dnsServer(String text) throws BadValueException {
    int percent = text.indexOf('%');
    String zone = percent < 0 ? "" : text.substring(percent + 1);
    if (percent >= 0 && !zone.matches(ZONE)) {
      throw new BadValueException(text, "is not an address");
    }
    try {
      IpAddress address = IpAddress.parse(percent < 0 ? text : text.substring(0, percent));
      if (percent >= 0 && !address.isV6()) {
        throw new BadValueException(text, "is not an address");
      }
      return new NameServer(address, zone);
    } catch (IllegalArgumentException e) {
      throw new BadValueException(text, "is not an address");
    }
  }

  PeerEndpoint endpoint(String text) throws BadValueException {
    boolean bracketed = text.startsWith("[");
    int end = bracketed ? text.indexOf(']') : text.lastIndexOf(':');
    int colon = bracketed ? end + 1 : end;
    String host = end < 0 ? "" : text.substring(bracketed ? 1 : 0, end);
    if (!isHost(host) || !text.startsWith(":", colon) || colon + 1 == text.length()) {
      throw new BadValueException(text, "is not an endpoint (host:port, or [address]:port)");
    }
    return new PeerEndpoint(host, port(text.substring(colon + 1), 1));
  }

  /** Whether DNS may be asked for it, or it is an IPv6 address with or without a zone. */
  private static boolean isHost(String text) {
    if (text.indexOf(':') < 0) {
      return !text.isEmpty() && text.length() <= MAX_HOST_NAME;
    }
    try {
      IpAddress.parse(text.replaceFirst("%.+", ""));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
