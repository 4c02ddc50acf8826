package dev.jwg.daemon;

import dev.jwg.change.Changes;
import dev.jwg.config.ConfigException;
import dev.jwg.config.HostConfig;
import dev.jwg.config.WgConfig;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.host.InterfaceAddress;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.util.List;

/**
 * A configuration whose endpoints have addresses.
 *
 * @param update sets the device to the configuration and nothing else: what the file leaves out becomes zero
 */
record ResolvedConfig(DeviceUpdate update, HostConfig host) {

  static ResolvedConfig of(String source, WgConfig config) throws ConfigException {
    return new ResolvedConfig(new Changes(source).setconf(config), config.device().host());
  }

  List<InterfaceAddress> addresses() {
    return host.addresses().stream()
        .map(address -> new InterfaceAddress(address.address(), address.length()))
        .toList();
  }

  List<IpAddress> endpointAddresses() {
    return update.peers().stream().flatMap(peer -> peer.endpoint().stream()).map(Endpoint::address).toList();
  }

  /** All that the peers are allowed, which is what the host routes into the tunnel. */
  List<IpPrefix> allowedIps() {
    return update.peers().stream()
        .flatMap(peer -> peer.allowedIps().stream())
        .filter(change -> !change.remove())
        .map(AllowedIpChange::prefix)
        .distinct()
        .toList();
  }
}
