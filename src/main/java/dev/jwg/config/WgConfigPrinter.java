package dev.jwg.config;

import dev.jwg.config.HostConfig.Hooks;
import dev.jwg.route.AllowedIpChange;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes configuration text that {@link WgConfigParser} reads back to equal values, in the order of {@code wg showconf}.
 * Secrets are written out unless they have a file of their own, which is named.
 */
public final class WgConfigPrinter {
  private final StringBuilder text = new StringBuilder();

  private WgConfigPrinter() {}

  /** The text, with a final line feed. */
  public static String print(WgConfig config) {
    WgConfigPrinter printer = new WgConfigPrinter();
    printer.device(config.device());
    config.peers().forEach(printer::peer);
    return printer.text.toString();
  }

  private void device(InterfaceConfig device) {
    text.append("[Interface]\n");
    host(device.host());
    device.listenPort().ifPresent(port -> line(ConfigKey.LISTEN_PORT, port));
    device.fwMark().ifPresent(mark -> line(ConfigKey.FW_MARK, "0x" + Integer.toHexString(mark)));
    device.privateKeyFile().ifPresentOrElse(
        file -> line(ConfigKey.PRIVATE_KEY_FILE, file),
        () -> device.privateKey().ifPresent(key -> line(ConfigKey.PRIVATE_KEY, key.toBase64())));
  }

  private void host(HostConfig host) {
    host.addresses().forEach(address -> line(ConfigKey.ADDRESS, address));
    List<Object> dns = new ArrayList<>(host.dnsServers());
    dns.addAll(host.dnsSearch());
    dns.forEach(entry -> line(ConfigKey.DNS, entry));
    host.mtu().ifPresent(mtu -> line(ConfigKey.MTU, mtu));
    if (!host.table().equals(RoutingTable.AUTO)) {
      line(ConfigKey.TABLE, host.table());
    }
    if (host.saveConfig()) {
      line(ConfigKey.SAVE_CONFIG, true);
    }
    hooks(host.hooks());
  }

  private void hooks(Hooks hooks) {
    hooks.preUp().forEach(command -> line(ConfigKey.PRE_UP, command));
    hooks.postUp().forEach(command -> line(ConfigKey.POST_UP, command));
    hooks.preDown().forEach(command -> line(ConfigKey.PRE_DOWN, command));
    hooks.postDown().forEach(command -> line(ConfigKey.POST_DOWN, command));
  }

  private void peer(PeerConfig peer) {
    text.append("\n[Peer]\n");
    line(ConfigKey.PUBLIC_KEY, peer.publicKey());
    peer.presharedKeyFile().ifPresentOrElse(
        file -> line(ConfigKey.PRESHARED_KEY_FILE, file),
        () -> peer.presharedKey().ifPresent(key -> line(ConfigKey.PRESHARED_KEY, key.toBase64())));
    if (!peer.allowedIps().isEmpty()) {
      line(ConfigKey.ALLOWED_IPS, peer.allowedIps().stream()
          .map(change -> sign(peer, change) + change.prefix())
          .collect(Collectors.joining(", ")));
    }
    peer.endpoint().ifPresent(endpoint -> line(ConfigKey.ENDPOINT, endpoint));
    peer.persistentKeepalive().ifPresent(seconds -> line(ConfigKey.PERSISTENT_KEEPALIVE, seconds));
  }

  private static String sign(PeerConfig peer, AllowedIpChange change) {
    if (peer.replaceAllowedIps()) {
      return "";
    }
    return change.remove() ? "-" : "+";
  }

  private void line(ConfigKey key, Object value) {
    text.append(key.spelling).append(" = ").append(value).append('\n');
  }
}
