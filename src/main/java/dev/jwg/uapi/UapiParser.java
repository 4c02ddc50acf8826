package dev.jwg.uapi;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Collects one request line by line and validates it as a whole before anyone may apply it. Every peer's {@code set}
 * that we know applies line by line and leaves half of a refused request in effect.
 *
 * <p>After a bad line the rest of the request is passed over, so that the connection stays in step.
 */
final class UapiParser {
  private @Nullable Operation operation;
  private @Nullable UapiException firstError;

  private Optional<PrivateKey> privateKey = Optional.empty();
  private OptionalInt listenPort = OptionalInt.empty();
  private OptionalInt fwmark = OptionalInt.empty();
  private boolean replacePeers;
  private final List<PeerUpdate> peers = new ArrayList<>();
  private @Nullable PeerUpdateBuilder peer;

  private enum Operation {
    GET,
    SET
  }

  /** True once the first line named an operation, so that the rest is in step with the client. */
  boolean hasOperation() {
    return operation != null;
  }

  /** Takes the next line, without its end; not the empty one that ends the request. */
  void line(String line) {
    if (firstError != null) {
      return;
    }
    try {
      accept(line);
    } catch (UapiException invalid) {
      firstError = invalid;
      forget();
    }
  }

  /** The request, at the empty line. */
  UapiRequest finish() throws UapiException {
    if (firstError != null) {
      throw firstError;
    }
    if (operation == null) {
      throw new UapiException(Errno.EPROTO, "an empty request");
    }
    if (operation == Operation.GET) {
      return new UapiRequest.Get();
    }
    closePeer();
    return new UapiRequest.Set(new DeviceUpdate(privateKey, listenPort, fwmark, replacePeers, peers));
  }

  /** Erases what was collected of a request that will not be applied. */
  void forget() {
    closePeer();
    peer = null;
    privateKey.ifPresent(PrivateKey::close);
    peers.forEach(collected -> collected.presharedKey().ifPresent(PresharedKey::close));
    peers.clear();
  }

  private void accept(String line) throws UapiException {
    if (operation == null) {
      operation = switch (line) {
        case "get=1" -> Operation.GET;
        case "set=1" -> Operation.SET;
        default -> throw new UapiException(Errno.EPROTO, UapiLine.printable(line) + ": unknown operation");
      };
    } else if (operation == Operation.GET) {
      throw new UapiException(Errno.EINVAL, "get=1 takes no further lines");
    } else {
      acceptKey(UapiLine.split(line));
    }
  }

  private void acceptKey(UapiLine line) throws UapiException {
    if (line.key().equals("public_key")) {
      closePeer();
      peer = new PeerUpdateBuilder(line);
    } else if (peer != null) {
      peer.accept(line);
    } else {
      acceptDeviceKey(line);
    }
  }

  private void acceptDeviceKey(UapiLine line) throws UapiException {
    switch (line.key()) {
      case "private_key" -> privateKey = Optional.of(line.key(PrivateKey::parseHex));
      case "listen_port" -> listenPort = OptionalInt.of(line.port());
      case "fwmark" -> fwmark = OptionalInt.of((int) line.number(UapiLine.MAX_UINT32));
      case "replace_peers" -> {
        line.requireTrue();
        replacePeers = true;
      }
      default -> throw line.unknownKey("the device");
    }
  }

  private void closePeer() {
    if (peer != null) {
      peers.add(peer.build());
    }
  }
}
