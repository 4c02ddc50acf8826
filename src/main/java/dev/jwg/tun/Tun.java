package dev.jwg.tun;

import dev.jwg.net.Batch;
import java.util.List;

/** A TUN device: inner IP packets in and out, without link-layer headers. */
public interface Tun extends AutoCloseable {

  /** Hears packets that the host sends into the tunnel, on the thread of the queue's shard. */
  interface PacketListener {
    /** The batch is the listener's until it returns; each slot has head-room and tail-room. */
    void onPackets(Batch packets);
  }

  /** Hears what is done to the interface from outside, on the control thread. */
  interface LinkListener {
    void onMtu(int mtu);

    void onUp();

    void onDown();

    /** The interface has another name now. */
    void onName(String name);

    /** The interface is gone; nothing follows. */
    void onDeleted();
  }

  /** One data shard's share of the packets: the kernel keeps those of a flow in one queue. */
  interface Queue {
    /** Names who hears the packets; once, before the start. */
    void listen(PacketListener packets);

    /**
     * Hands the packets of slots {@code from} to {@code to} (exclusive) to the host. What the kernel refuses is counted
     * and dropped. On the shard's thread.
     */
    void write(Batch packets, int from, int to);
  }

  /** One for each data shard. */
  List<? extends Queue> queues();

  /** Begins to read. Link events follow too, first the present MTU and up/down state. */
  void start(LinkListener link);

  /** Returns the name that the interface has now. From any thread. */
  String name();

  /**
   * The interface's index, for comparison with those that the UDP port's routes name; 0 while the interface is in
   * another network namespace than the sockets.
   */
  int interfaceIndex();

  /** Ends reading and removes the interface unless it is persistent. From any thread; a second call does nothing. */
  @Override
  void close();
}
