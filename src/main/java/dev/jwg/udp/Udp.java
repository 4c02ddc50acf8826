package dev.jwg.udp;

import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The listen port: outer datagrams in and out, over IPv4 and IPv6. */
public interface Udp extends AutoCloseable {

  /** Hears datagrams, on the thread of the sockets' shard. */
  interface DatagramListener {
    /** The batch is the listener's until it returns; {@link Batch#remote} and {@link Batch#tos} are set. */
    void onDatagrams(Batch datagrams);
  }

  /** One data shard's share of the datagrams: the kernel keeps those of a remote endpoint on one. */
  interface Sockets {
    /** Names who hears the datagrams; once, before the first bind. */
    void listen(DatagramListener datagrams);

    /**
     * Sends the datagrams of slots {@code from} to {@code to} (exclusive), each with its {@link Batch#tos}, leaving from
     * the endpoint's source. On the shard's thread. What the kernel refuses is counted and dropped.
     *
     * @return false if the source could not be used any more (its address or interface went away) and the kernel chose
     */
    boolean send(Batch datagrams, int from, int to, Endpoint endpoint);
  }

  /** Those of each data shard. */
  List<? extends Sockets> sockets();

  /**
   * Binds both families (or the one that exists) of all shards to a port and closes what was bound before; keeps the old
   * binding if the new one fails. On the control thread.
   *
   * @param port 1 to 65535, or 0 for a random one
   * @return the port bound
   * @throws IOException the port is taken, or no family is available
   */
  int bind(int port) throws IOException;

  /** Closes the sockets; sending does nothing until the next bind. On the control thread. */
  void unbind();

  /** Sets SO_MARK on present and future sockets; 0 for none. On the control thread. */
  void mark(int fwmark) throws IOException;

  /** Sends one handshake message; from any thread. Otherwise as {@link Sockets#send}. */
  boolean sendMessage(byte[] message, int tos, Endpoint endpoint);

  /**
   * Asks the host's routing for the way of a datagram to an endpoint: from its source address if it has one, with the mark
   * that is set. On the control thread.
   *
   * @return the way; empty if no route leads there or the source is no address of the host
   * @throws IOException the host does not say
   */
  Optional<OuterPath> path(Endpoint endpoint) throws IOException;

  /**
   * Asks for the best way that does not lead out of one interface: the longest prefix, then the least metric.
   *
   * @param avoided the interface not to leave by
   * @param preferred the interface to leave by among equally good ones, or 0
   * @return the way; empty if there is no other
   * @throws IOException the host does not say
   */
  Optional<OuterPath> pathAround(int avoided, int preferred, Endpoint endpoint) throws IOException;

  /** Closes the sockets for good; a second call does nothing. */
  @Override
  void close();
}
