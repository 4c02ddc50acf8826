package dev.jwg.cli;

import dev.jwg.device.DeviceState;
import dev.jwg.uapi.SocketFile;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code wg show} prints, byte for byte, of every interface with a UAPI socket. */
@Command(name = "show", description = "Shows interfaces and their peers, as `wg show` does.")
final class Show implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String INTERFACES = "interfaces";

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME|all|interfaces", defaultValue = ALL,
      description = "An interface, all of them, or only their names.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String target;

  @Parameters(index = "1", arity = "0..1", paramLabel = "FIELD",
      description = "${COMPLETION-CANDIDATES}.", completionCandidates = ShowField.Names.class)
  private @Nullable String field;

  @Option(names = "--json", description = "As JSON; secret keys only with WG_HIDE_KEYS=never in the environment.")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  private final UapiClient client;

  Show() {
    this(SocketFile.DIRECTORY);
  }

  Show(Path sockets) {
    client = new UapiClient(sockets);
  }

  @Override
  public Integer call() throws IOException {
    if (json && (field != null || target.equals(INTERFACES))) {
      throw new ParameterException(spec.commandLine(), "--json is for whole interfaces");
    }
    if (target.equals(INTERFACES)) {
      showInterfaces();
      return 0;
    }
    boolean all = target.equals(ALL);
    ShowField only = field == null ? null : ShowField.named(field, spec.commandLine());
    List<String> names = all ? client.interfaces() : List.of(target);
    Map<String, DeviceState> states = states(names, all);
    out().print(json ? new ShowJson(showKeys()).text(states) : text(states, only, all));
    out().flush();
    return states.size() == names.size() ? 0 : 1;
  }

  private void showInterfaces() throws IOException {
    if (field != null) {
      throw new ParameterException(spec.commandLine(), "interfaces has no fields");
    }
    List<String> names = client.interfaces();
    if (!names.isEmpty()) {
      out().println(String.join(" ", names));
    }
  }

  /** One that fails does not keep the others from being shown. */
  private Map<String, DeviceState> states(List<String> names, boolean all) throws IOException {
    Map<String, DeviceState> states = new LinkedHashMap<>();
    for (String name : names) {
      try {
        states.put(name, client.get(name));
      } catch (IOException failed) {
        if (!all) {
          throw failed;
        }
        spec.commandLine().getErr().println("jwg: " + failed.getMessage());
      }
    }
    return states;
  }

  private static String text(Map<String, DeviceState> states, @Nullable ShowField only, boolean all) {
    return states.entrySet().stream()
        .map(shown -> only == null
            ? pretty(shown.getKey(), shown.getValue())
            : only.text(shown.getValue(), all ? shown.getKey() + "\t" : ""))
        .collect(Collectors.joining(only == null ? "\n" : ""));
  }

  private static String pretty(String name, DeviceState state) {
    return new ShowPretty(Style.ofTerminal(), showKeys(), Instant.now()).text(name, state);
  }

  private static boolean showKeys() {
    return "never".equals(System.getenv("WG_HIDE_KEYS"));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
