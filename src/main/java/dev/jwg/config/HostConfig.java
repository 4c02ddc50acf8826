package dev.jwg.config;

import dev.jwg.net.IpAddress;
import java.util.List;
import java.util.OptionalInt;

/**
 * What wg-quick(8) does to the host besides configuring the interface.
 *
 * @param dnsSearch search domains: what {@code DNS} lists besides addresses
 * @param saveConfig write the state of the interface back to its file on the way down
 */
public record HostConfig(
    List<InterfaceAddress> addresses,
    List<NameServer> dnsServers,
    List<String> dnsSearch,
    OptionalInt mtu,
    RoutingTable table,
    Hooks hooks,
    boolean saveConfig) {

  /** Nothing to do. */
  public static final HostConfig NONE = new HostConfig(
      List.of(), List.of(), List.of(), OptionalInt.empty(), RoutingTable.AUTO, Hooks.NONE, false);

  /**
   * An address of the interface and the length of the network it lies in; unlike a prefix it keeps its host bits.
   *
   * @param length 0 to 32 or 0 to 128
   */
  public record InterfaceAddress(IpAddress address, int length) {
    @Override
    public String toString() {
      return address + "/" + length;
    }
  }

  /** Shell commands around up and down, in order; {@code %i} in them stands for the interface's name. */
  public record Hooks(List<String> preUp, List<String> postUp, List<String> preDown, List<String> postDown) {
    /** No commands. */
    public static final Hooks NONE = new Hooks(List.of(), List.of(), List.of(), List.of());

    public Hooks {
      preUp = List.copyOf(preUp);
      postUp = List.copyOf(postUp);
      preDown = List.copyOf(preDown);
      postDown = List.copyOf(postDown);
    }
  }

  /** The same with what an interface has by now; an MTU that is not named is not named then either. */
  public HostConfig with(List<InterfaceAddress> presentAddresses, int presentMtu) {
    OptionalInt named = mtu.isPresent() ? OptionalInt.of(presentMtu) : mtu;
    return new HostConfig(presentAddresses, dnsServers, dnsSearch, named, table, hooks, saveConfig);
  }

  public HostConfig {
    addresses = List.copyOf(addresses);
    dnsServers = List.copyOf(dnsServers);
    dnsSearch = List.copyOf(dnsSearch);
  }
}
