package dev.jwg.offload;

/** Opens the tests' packets to the benchmarks. */
public final class TcpReads {
  private TcpReads() {}

  /** What a read of the TUN device brings when that stands for {@code packets} full TCP segments. */
  public static byte[] superPacket(int packets, int segmentSize) {
    return Draft.tcp4().payload(packets * segmentSize).partial(VirtioNetHeader.GSO_TCPV4, segmentSize);
  }
}
