package dev.jwg.cli;

import dev.jwg.health.HealthCheck;
import dev.jwg.uapi.SocketFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Runs a command. Exit status 0 for success, 1 for any failure, as with {@code wg}. */
@Command(
    name = "jwg",
    description = "A WireGuard endpoint on a TUN device.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT)
public final class Main implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  private Main() {}

  /** Runs the command that the first argument names. */
  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("health")) {
      checkHealth(List.of(args).subList(1, args.length));
    }
    // Netty would look at all network interfaces for an identity that nothing here uses.
    System.setProperty("io.netty.machineId", "00:00:00:00:00:00:00:01");
    // The order in which the system's resolver gives addresses is the order to use them in.
    System.setProperty("java.net.preferIPv6Addresses", "system");
    Optional<Callable<Integer>> endpoint = endpoint(args);
    System.exit(endpoint.isPresent() ? serve(endpoint.get()) : commandLine(args).execute(args));
  }

  /** An endpoint without options: without picocli it is up a fifth sooner. */
  private static Optional<Callable<Integer>> endpoint(String[] args) {
    if (args.length != 2 || args[1].startsWith("-")) {
      return Optional.empty();
    }
    return switch (args[0]) {
      case "up" -> Optional.of(new Up(args[1]));
      case "create" -> Optional.of(new Create(args[1]));
      default -> Optional.empty();
    };
  }

  private static int serve(Callable<Integer> endpoint) throws Exception {
    try {
      return endpoint.call();
    } catch (Exception failed) {
      return Failure.execution(failed);
    }
  }

  /** A probe runs every few seconds: without picocli it costs a fourth of the time. */
  private static void checkHealth(List<String> arguments) {
    Optional<HealthCheck> check = HealthCheck.of(SocketFile.DIRECTORY, arguments);
    if (check.isPresent()) {
      try {
        check.get().run();
        System.exit(0);
      } catch (IOException notReady) {
        System.err.println("jwg: " + notReady.getMessage());
        System.exit(1);
      }
    }
  }

  /** Not a constant, which would load them all for any one of them. */
  private static List<Class<?>> commands() {
    return List.of(
        Up.class, Create.class, Down.class, Health.class, Save.class, Strip.class,
        Show.class, ShowConf.class, Set.class, SetConf.class, AddConf.class, SyncConf.class,
        GenKey.class, GenPsk.class, PubKey.class);
  }

  /** The command tree; only the wanted command is built if there is one, which halves the time of {@code genkey}. */
  static CommandLine commandLine(String... args) {
    CommandLine jwg = new CommandLine(new Main());
    List<Class<?>> wanted = commands().stream().filter(command -> args.length > 0 && isNamed(command, args[0])).toList();
    if (wanted.isEmpty()) {
      commands().forEach(jwg::addSubcommand);
      jwg.addSubcommand(GenerateCompletion.class); // prints what it finds, so it needs all of them
    } else {
      wanted.forEach(jwg::addSubcommand);
    }
    return jwg
        .setExpandAtFiles(false) // an argument of wg may begin with @
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((invalid, arguments) -> Failure.usage(invalid))
        .setExecutionExceptionHandler((failed, command, result) -> Failure.execution(failed, command));
  }

  private static boolean isNamed(Class<?> command, String name) {
    return command.getAnnotation(Command.class).name().equals(name);
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
