package dev.jwg.testing;

import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.udp.OuterPath;
import dev.jwg.udp.Udp;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A port on a {@link MemoryWire}, at one address that may change. All that arrives comes to one shard at a time. */
public final class MemoryUdp implements Udp {
  private final MemoryWire wire;
  private IpAddress address;
  private int port;
  private int mark;
  private boolean sourceUsable = true;
  private Routing routing = endpoint -> Optional.of(new OuterPath(1, address()));
  private final List<MemorySockets> sockets;
  private int receiving;
  private @Nullable Batch diverted;
  private boolean discarding;
  private long discarded;

  public MemoryUdp(MemoryWire wire, IpAddress address, int shards) {
    this.wire = wire;
    this.address = address;
    sockets = Stream.generate(MemorySockets::new).limit(shards).toList();
  }

  @Override
  public List<MemorySockets> sockets() {
    return sockets;
  }

  /** Which shard's sockets datagrams come to from now on; until then the first's. */
  public void receiveOn(int shard) {
    receiving = shard;
  }

  @Override
  public int bind(int wanted) throws IOException {
    int bound = wire.attach(this, address, wanted);
    if (bound < 0) {
      throw new IOException("bind port " + wanted + ": EADDRINUSE");
    }
    unbind();
    port = bound;
    return bound;
  }

  @Override
  public void unbind() {
    if (port != 0) {
      wire.detach(address, port);
    }
    port = 0;
  }

  @Override
  public void mark(int fwmark) {
    mark = fwmark;
  }

  private IpAddress address() {
    return address;
  }

  public int mark() {
    return mark;
  }

  /** Where others reach this port now. */
  public Endpoint endpoint() {
    return new Endpoint(address, port);
  }

  public boolean isBound() {
    return port != 0;
  }

  /** The host gets another address, and the bound port with it. */
  public void moveTo(IpAddress newAddress) {
    wire.detach(address, port);
    address = newAddress;
    wire.attach(this, address, port);
  }

  /** Whether datagrams may leave from the source that an endpoint names. */
  public void sourceUsable(boolean whether) {
    sourceUsable = whether;
  }

  /** Who hears the datagrams: for tests that hand over batches of their own. */
  public DatagramListener datagramListener() {
    return Objects.requireNonNull(sockets.get(receiving).listener, "nobody listens yet");
  }

  /** Copies what is sent from now on into {@code batch} instead of the wire; that allocates nothing. */
  public void sendInto(Batch batch) {
    diverted = batch;
  }

  /** Counts the data that is sent from now on and keeps none of it; that allocates nothing. */
  public void discard() {
    discarding = true;
  }

  public long discarded() {
    return discarded;
  }

  void receive(Batch datagrams) {
    DatagramListener listener = sockets.get(receiving).listener;
    if (listener != null) {
      listener.onDatagrams(datagrams);
    }
  }

  @Override
  public boolean sendMessage(byte[] message, int tos, Endpoint endpoint) {
    if (port == 0) {
      return true;
    }
    wire.send(endpoint(), endpoint, message.clone(), tos);
    return sourceUsable || endpoint.source().equals(Endpoint.Source.NONE);
  }

  @Override
  public Optional<OuterPath> path(Endpoint endpoint) {
    return routing.path(endpoint);
  }

  @Override
  public Optional<OuterPath> pathAround(int avoided, int preferred, Endpoint endpoint) {
    return routing.pathAround(avoided, preferred, endpoint);
  }

  /** The host's routing; until this is called, every datagram leaves by interface 1 from the port's address. */
  public void routing(Routing host) {
    routing = host;
  }

  /** The routing of a host. */
  public interface Routing {
    /** As {@link Udp#path}. */
    Optional<OuterPath> path(Endpoint endpoint);

    /** As {@link Udp#pathAround}. */
    default Optional<OuterPath> pathAround(int avoided, int preferred, Endpoint endpoint) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    unbind();
  }

  /** One shard's. */
  public final class MemorySockets implements Sockets {
    private @Nullable DatagramListener listener;

    @Override
    public void listen(DatagramListener datagrams) {
      listener = datagrams;
    }

    @Override
    public boolean send(Batch datagrams, int from, int to, Endpoint endpoint) {
      if (from >= to) {
        throw new IllegalArgumentException("nothing to send: slots " + from + " to " + to);
      }
      if (discarding) {
        discarded += to - from;
        return true;
      }
      if (diverted != null) {
        for (int slot = from; slot < to; slot++) {
          diverted.append(datagrams.bytes(), datagrams.offset(slot), datagrams.length(slot));
        }
        return true;
      }
      boolean kept = true;
      for (int slot = from; slot < to; slot++) {
        int offset = datagrams.offset(slot);
        byte[] bytes = Arrays.copyOfRange(datagrams.bytes(), offset, offset + datagrams.length(slot));
        kept &= sendMessage(bytes, datagrams.tos(slot), endpoint);
      }
      return kept;
    }
  }
}
