package dev.jwg.host;

import dev.jwg.config.HostConfig.Hooks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shell commands of a configuration, with {@code %i} replaced by the interface's name: the only part of jwg that
 * runs a shell. As with {@code wg-quick}, that is bash if there is one, and a command fails with the first of its parts
 * that fails. The commands also see wg-quick's shell variables {@code INTERFACE} and {@code CONFIG_FILE}.
 *
 * <p>PostDown is the way back from PreUp, and PreDown from PostUp. So when the start fails, those run whose counterpart
 * had begun: what a half-done PostUp changed does not stay.
 */
public final class ShellHooks {
  private static final Logger log = LoggerFactory.getLogger(ShellHooks.class);

  /** Options by which wg-quick's own bash evaluates commands. */
  private static final List<String> BASH_OPTIONS = List.of("-e", "-o", "pipefail", "-O", "extglob");

  /**
   * Gives the command the mask that the user has for new files, and jwg's standard error for all it prints: standard
   * output may be a pipe with another purpose. As with wg-quick, the two variables are not exported.
   */
  private static final String EVALUATE =
      "umask \"$1\"; INTERFACE=$2; CONFIG_FILE=$3; hook=$4; set --; exec >&2; eval \"$hook\"";

  private final String name;
  private final String file;
  private final Hooks hooks;
  private final int umask;
  private final ChildEnvironment environment;
  private final Undo undo;
  private final String searchPath;
  private boolean preUpBegan;
  private Optional<Process> upCommand = Optional.empty(); // guarded by this, as is the next
  private boolean abandoned;

  /**
   * Hooks of one interface.
   *
   * @param file the configuration's path
   * @param umask the mask for new files that the commands are to see
   */
  public ShellHooks(String name, String file, Hooks hooks, int umask, ChildEnvironment environment, Undo undo) {
    this(name, file, hooks, umask, environment, undo, Program.searchPath());
  }

  ShellHooks(
      String name, String file, Hooks hooks, int umask, ChildEnvironment environment, Undo undo, String searchPath) {
    this.name = name;
    this.file = file;
    this.hooks = hooks;
    this.umask = umask;
    this.environment = environment;
    this.undo = undo;
    this.searchPath = searchPath;
  }

  /** Has PostDown run if PreUp began; to be called before the interface is made, so that it is gone by then. */
  public void registerPostDown() {
    undo.push("run PostDown", this::postDown);
  }

  private void postDown() {
    if (preUpBegan) {
      runAll("PostDown", hooks.postDown());
    }
  }

  /** Runs PreUp; to be called when there is an interface, down and without configuration, and its UAPI socket. */
  public void preUp() throws IOException {
    preUpBegan = true;
    for (String command : hooks.preUp()) {
      runUp("PreUp", command);
    }
  }

  /** Runs PostUp; to be called when all else is up. */
  public void postUp() throws IOException {
    undo.push("run PreDown", () -> runAll("PreDown", hooks.preDown()));
    for (String command : hooks.postUp()) {
      runUp("PostUp", command);
    }
  }

  /** Fails PreUp or PostUp, and ends the command that is running; from any thread. Does nothing to a finished start. */
  public synchronized void abandonStart() {
    abandoned = true;
    upCommand.ifPresent(
        command -> {
          command.descendants().forEach(ProcessHandle::destroy);
          command.destroy();
        });
  }

  /** On the way down, one that fails does not keep the others from running. */
  private void runAll(String key, List<String> commands) {
    for (String command : commands) {
      try {
        finish(key, command, start(key, command));
      } catch (IOException e) {
        log.warn(e.getMessage());
      }
    }
  }

  private void runUp(String key, String command) throws IOException {
    Process process;
    synchronized (this) {
      if (abandoned) {
        throw new IOException(name + ": told to stop before " + key + " ran: " + command);
      }
      process = start(key, command);
      upCommand = Optional.of(process);
    }
    try {
      finish(key, command, process);
    } finally {
      synchronized (this) {
        upCommand = Optional.empty();
      }
    }
  }

  private Process start(String key, String command) throws IOException {
    log.info("{}: {}", key, expanded(command));
    return shell(expanded(command))
        .redirectInput(Program.nothing())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void finish(String key, String command, Process process) throws IOException {
    int status = Program.awaitExit(process);
    if (status != 0) {
      throw new IOException(name + ": " + key + " failed with exit status " + status + ": " + expanded(command));
    }
  }

  private String expanded(String command) {
    return command.replace("%i", name);
  }

  private ProcessBuilder shell(String command) throws IOException {
    Optional<Program> bash = Program.find("bash", searchPath);
    List<String> arguments = new ArrayList<>(bash.isPresent() ? BASH_OPTIONS : List.of("-e"));
    arguments.addAll(List.of("-c", EVALUATE, "jwg", Integer.toOctalString(umask), name, file, command));
    return bash.or(() -> Program.find("sh", searchPath))
        .orElseThrow(() -> new IOException(name + ": no shell (bash or sh) to run: " + command))
        .with(arguments, environment);
  }
}
