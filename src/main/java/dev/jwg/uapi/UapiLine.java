package dev.jwg.uapi;

import dev.jwg.linux.Errno;
import dev.jwg.net.Endpoint;
import dev.jwg.net.Endpoint.Source;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One {@code key=value} line of a request or a reply, and the forms a value can have.
 *
 * @param key what stands before the first {@code =}
 * @param value all that stands behind it
 */
record UapiLine(String key, String value) {
  static final int MAX_UINT16 = 0xffff;
  static final long MAX_UINT32 = 0xffffffffL;

  static UapiLine split(String line) throws UapiException {
    int equals = line.indexOf('=');
    if (equals < 0) {
      throw new UapiException(Errno.EPROTO, "a line without =");
    }
    return new UapiLine(line.substring(0, equals), line.substring(equals + 1));
  }

  UapiException unknownKey(String where) {
    return new UapiException(Errno.EINVAL, printable(key) + ": unknown key for " + where);
  }

  private UapiException invalid(String expected) {
    return new UapiException(Errno.EINVAL, key + ": " + expected + " is expected");
  }

  /** A value of a key's type; {@code parse} rejects by IllegalArgumentException. */
  <T> T key(Function<String, T> parse) throws UapiException {
    return valid(value, parse, "64 hex digits");
  }

  /** For flags, whose only value is {@code true}. */
  void requireTrue() throws UapiException {
    require("true");
  }

  void require(String only) throws UapiException {
    if (!value.equals(only)) {
      throw invalid(only);
    }
  }

  int port() throws UapiException {
    return (int) number(MAX_UINT16);
  }

  /** An unsigned decimal number of digits only, from 0 to {@code max}. */
  long number(long max) throws UapiException {
    long number = decimal(value);
    if (number < 0 || number > max) {
      throw invalid("a number from 0 to " + max);
    }
    return number;
  }

  /** The number, or -1 unless the text is made of digits and fits. */
  private static long decimal(String text) {
    if (text.isEmpty()) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /** {@code 10.0.0.0/8}; the length must be there. */
  IpPrefix prefix(String text) throws UapiException {
    String expected = "an address/length";
    if (text.indexOf('/') < 0) {
      throw invalid(expected);
    }
    return valid(text, IpPrefix::parse, expected);
  }

  /** {@code 192.0.2.1:51820} or {@code [fe80::1%eth0]:51820}; the zone may be an interface's name or index. */
  Endpoint endpoint() throws UapiException {
    int colon = value.lastIndexOf(':');
    boolean bracketed = value.startsWith("[") && colon > 0 && value.charAt(colon - 1) == ']';
    String host = bracketed ? value.substring(1, colon - 1) : value.substring(0, Math.max(colon, 0));
    int percent = bracketed ? host.indexOf('%') : -1;
    String zone = percent < 0 ? "" : host.substring(percent + 1);
    String expected = "an address:port";
    IpAddress address = valid(percent < 0 ? host : host.substring(0, percent), IpAddress::parse, expected);
    long port = decimal(value.substring(colon + 1));
    if (address.isV6() != bracketed || port < 1 || port > MAX_UINT16) {
      throw invalid(expected);
    }
    return new Endpoint(address, (int) port, percent < 0 ? 0 : scope(zone), Source.NONE);
  }

  private int scope(String zone) throws UapiException {
    long index = decimal(zone);
    if (index >= 0 && index <= Integer.MAX_VALUE) {
      return (int) index;
    }
    NetworkInterface byName = interfaceNamed(zone);
    if (byName == null) {
      throw invalid("the zone of a present interface");
    }
    return byName.getIndex();
  }

  private static @Nullable NetworkInterface interfaceNamed(String name) {
    try {
      return NetworkInterface.getByName(name);
    } catch (SocketException unreadable) {
      return null;
    }
  }

  private <T> T valid(String text, Function<String, T> parse, String expected) throws UapiException {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException notOne) {
      throw invalid(expected); // without the cause: its message may quote the value, and the value may be a secret
    }
  }

  /** The start of a client's text with what could disturb a terminal or a log line replaced. */
  static String printable(String text) {
    return text.substring(0, Math.min(text.length(), 40)).replaceAll("[^ -~]", "?");
  }

  /** Not the value, which may be a secret. */
  @Override
  public String toString() {
    return "UapiLine(" + printable(key) + ")";
  }
}
