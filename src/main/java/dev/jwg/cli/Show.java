package dev.jwg.cli;

import dev.jwg.device.DeviceState;
import dev.jwg.uapi.SocketFile;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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
    if (target.equals(INTERFACES)) {
      showInterfaces();
      return 0;
    }
    boolean all = target.equals(ALL);
    return show(all ? client.interfaces() : List.of(target), all);
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
  private int show(List<String> names, boolean all) throws IOException {
    ShowField only = field == null ? null : ShowField.named(field, spec.commandLine());
    int failures = 0;
    String separator = "";
    for (String name : names) {
      try {
        DeviceState state = client.get(name);
        out().print(separator + (only == null ? pretty(name, state) : only.text(state, all ? name + "\t" : "")));
        separator = only == null ? "\n" : "";
      } catch (IOException failed) {
        if (!all) {
          throw failed;
        }
        spec.commandLine().getErr().println("jwg: " + failed.getMessage());
        failures++;
      }
    }
    out().flush();
    return failures == 0 ? 0 : 1;
  }

  private static String pretty(String name, DeviceState state) {
    boolean showKeys = "never".equals(System.getenv("WG_HIDE_KEYS"));
    return new ShowPretty(Style.ofTerminal(), showKeys, Instant.now()).text(name, state);
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
