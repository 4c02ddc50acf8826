package dev.jwg.config;

import dev.jwg.config.HostConfig.Hooks;
import dev.jwg.config.HostConfig.InterfaceAddress;
import dev.jwg.crypto.PrivateKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Gathers the {@code [Interface]} section; a later line replaces an earlier one unless the key is a list. */
final class InterfaceSection {
  private final Values values;
  private Optional<PrivateKey> privateKey = Optional.empty();
  private Optional<String> privateKeyFile = Optional.empty();
  private OptionalInt listenPort = OptionalInt.empty();
  private OptionalInt fwMark = OptionalInt.empty();
  private final List<InterfaceAddress> addresses = new ArrayList<>();
  private final List<NameServer> dnsServers = new ArrayList<>();
  private final List<String> dnsSearch = new ArrayList<>();
  private OptionalInt mtu = OptionalInt.empty();
  private RoutingTable table = RoutingTable.AUTO;
  private final List<String> preUp = new ArrayList<>();
  private final List<String> postUp = new ArrayList<>();
  private final List<String> preDown = new ArrayList<>();
  private final List<String> postDown = new ArrayList<>();
  private boolean saveConfig;

  InterfaceSection(Values values) {
    this.values = values;
  }

  /** {@code value} is trimmed; only wg-quick's lists and commands make use of white space in it. */
  void set(ConfigKey key, String value) throws BadValueException {
    String dense = ConfigLine.withoutSpace(value);
    switch (key) {
      case PRIVATE_KEY -> setPrivateKey(dense, Optional.empty());
      case PRIVATE_KEY_FILE -> setPrivateKey(values.keyFile(value), Optional.of(value));
      case LISTEN_PORT -> listenPort = OptionalInt.of(values.port(dense, 0));
      case FW_MARK -> fwMark = OptionalInt.of(Values.fwMark(dense));
      case ADDRESS -> addAddresses(value);
      case DNS -> addDns(value);
      case MTU -> mtu = dense.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Values.mtu(dense));
      case TABLE -> table = Values.table(dense, RoutingTableNames.ofThisHost());
      case PRE_UP -> addCommand(preUp, value);
      case POST_UP -> addCommand(postUp, value);
      case PRE_DOWN -> addCommand(preDown, value);
      case POST_DOWN -> addCommand(postDown, value);
      case SAVE_CONFIG -> saveConfig = Values.bool(dense);
      default -> throw new IllegalArgumentException(key + " is not of this section");
    }
  }

  private void setPrivateKey(String key, Optional<String> file) throws BadValueException {
    privateKey = Optional.of(Values.privateKey(key));
    privateKeyFile = file;
  }

  private void addAddresses(String value) throws BadValueException {
    for (String entry : listed(value)) {
      addresses.add(Values.interfaceAddress(entry));
    }
  }

  private void addDns(String value) throws BadValueException {
    for (String entry : listed(value)) {
      if (Values.isDnsServer(entry)) {
        dnsServers.add(Values.dnsServer(entry));
      } else {
        dnsSearch.add(entry);
      }
    }
  }

  /** wg-quick parts lists at commas and at white space, any number of them. */
  private static List<String> listed(String value) {
    List<String> entries = new ArrayList<>();
    for (String entry : value.split("[,\\s]+", -1)) {
      if (!entry.isEmpty()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static void addCommand(List<String> commands, String command) {
    if (!command.isEmpty()) {
      commands.add(command);
    }
  }

  InterfaceConfig toConfig() {
    Hooks hooks = new Hooks(preUp, postUp, preDown, postDown);
    HostConfig host = new HostConfig(addresses, dnsServers, dnsSearch, mtu, table, hooks, saveConfig);
    return new InterfaceConfig(privateKey, privateKeyFile, listenPort, fwMark, host);
  }
}
