package dev.jwg.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints that come, go and are killed; none of them is real. */
final class ResolvConfTest {
  private static final String BEFORE = "nameserver 192.0.2.1\noptions edns0\n";
  private static final List<String> ALL = List.of("wg0", "wg1", "wg2");

  @TempDir private Path folder;
  private Path file;
  private final Map<String, Undo> up = new HashMap<>();
  private final Set<String> alive = new HashSet<>();

  /** Maps each endpoint to its present name. */
  private final Map<String, String> names = new HashMap<>();

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("resolv.conf");
  }

  private static String server(String name) {
    return "nameserver 10.8.0." + name.substring(2) + "\n";
  }

  private void up(String name) throws IOException {
    Undo undo = new Undo();
    names.put(name, name);
    new ResolvConf(file).replace(() -> names.getOrDefault(name, ""), server(name), alive::contains, undo);
    up.put(name, undo);
    alive.add(name);
  }

  private void rename(String name, String newName) throws IOException {
    String before = Objects.requireNonNull(names.put(name, newName));
    new ResolvConf(file).rename(before, newName);
    alive.remove(before);
    alive.add(newName);
  }

  private void down(String name) {
    Objects.requireNonNull(up.remove(name)).close();
    alive.remove(name);
  }

  private void kill(String name) {
    up.remove(name);
    alive.remove(name);
  }

  /** Returns the lines that a resolver reads: no comments. */
  private String seen() throws IOException {
    return String.join("\n", Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).toList()) + "\n";
  }

  private static void permute(List<String> chosen, List<List<String>> orders) {
    if (chosen.size() == ALL.size()) {
      orders.add(List.copyOf(chosen));
    }
    for (String name : ALL) {
      if (!chosen.contains(name)) {
        List<String> longer = new ArrayList<>(chosen);
        longer.add(name);
        permute(longer, orders);
      }
    }
  }

  private static List<List<String>> orders() {
    List<List<String>> orders = new ArrayList<>();
    permute(List.of(), orders);
    return orders;
  }

  @Test
  void inWhateverOrderTheyGoTheLastOneThatIsUpCountsAndTheOriginalComesBack() throws Exception {
    for (String original : List.of(BEFORE, "", "nameserver 192.0.2.1\n# unended", "a\r\n\n#| b\n")) {
      for (List<String> order : orders()) {
        Files.writeString(file, original);
        List<String> left = new ArrayList<>(ALL);
        for (String name : ALL) {
          up(name);
          assertEquals(server(name), seen());
        }
        for (String name : order) {
          down(name);
          left.remove(name);
          if (!left.isEmpty()) {
            assertEquals(server(left.get(left.size() - 1)), seen(), order::toString);
          }
        }
        assertEquals(original, Files.readString(file), order::toString);
      }
    }
  }

  @Test
  void whoeverOfThemIsKilledTheNextStartPutsTheOriginalBackOnceItEnds() throws Exception {
    for (List<String> order : orders()) {
      for (int killed = 0; killed < 8; killed++) {
        Files.writeString(file, BEFORE);
        for (String name : ALL) {
          up(name);
        }
        for (int i = 0; i < order.size(); i++) {
          if ((killed >> i & 1) != 0) {
            kill(order.get(i));
          } else {
            down(order.get(i));
          }
        }
        up("wg7");
        assertEquals(server("wg7"), seen());
        down("wg7");
        assertEquals(BEFORE, Files.readString(file), order + " " + killed);
      }
    }
  }

  @Test
  void startWithoutNameServersRemovesThoseOfKilledEndpointsToo() throws Exception {
    Files.writeString(file, BEFORE);
    ResolvConf tidied = new ResolvConf(file);
    assertEquals(List.of(), tidied.removeDead(alive::contains));
    up("wg0");
    up("wg1");
    up("wg2");
    kill("wg0");
    kill("wg2");
    assertEquals(List.of("wg2", "wg0"), tidied.removeDead(alive::contains));
    assertEquals(server("wg1"), seen());
    assertEquals(List.of(), tidied.removeDead(alive::contains));
    down("wg1");
    assertEquals(BEFORE, Files.readString(file));
  }

  @Test
  void renamedEndpointIsNotTakenForADeadOneAndItsOldNameIsFree() throws Exception {
    for (boolean renamedGoesFirst : new boolean[] {true, false}) {
      Files.writeString(file, BEFORE);
      up("wg2");
      kill("wg2");
      up("wg0");
      up("wg1");
      rename("wg0", "wg2"); // below the lines of another one, and the name of one that was killed
      assertEquals(List.of(), new ResolvConf(file).removeDead(alive::contains));
      assertEquals(server("wg1"), seen());
      Undo second = new Undo();
      new ResolvConf(file).replace(() -> "wg0", "nameserver 10.8.0.9\n", alive::contains, second);
      alive.add("wg0");
      down("wg1");
      assertEquals("nameserver 10.8.0.9\n", seen());
      if (renamedGoesFirst) {
        down("wg0");
        assertEquals("nameserver 10.8.0.9\n", seen());
        second.close();
      } else {
        second.close();
        assertEquals(server("wg0"), seen());
        down("wg0");
      }
      assertEquals(BEFORE, Files.readString(file));
      alive.clear();
    }
  }

  @Test
  void fileThatWasMissingIsMissingAgainOnceAllAreGone() throws Exception {
    up("wg0");
    up("wg1");
    down("wg0");
    assertEquals(server("wg1"), seen());
    kill("wg1");
    new ResolvConf(file).removeDead(alive::contains);
    assertFalse(Files.exists(file));
  }

  @Test
  void whatTheUserAddsStaysAndNeitherADeadServerNorTheOriginalIsLost() throws Exception {
    for (boolean killed : new boolean[] {false, true}) {
      for (boolean buried : new boolean[] {false, true}) {
        Files.writeString(file, BEFORE);
        up("wg0");
        String edited = Files.readString(file).replace(server("wg0"), server("wg0") + "options timeout:1\n");
        Files.writeString(file, "# mine\n" + edited + "nameserver 192.0.2.9\n");
        if (buried) {
          up("wg1");
        }
        if (killed) {
          kill("wg0");
          new ResolvConf(file).removeDead(alive::contains);
        } else {
          down("wg0");
        }
        if (buried) {
          assertEquals(server("wg1"), seen());
          down("wg1");
        }
        assertEquals("# mine\noptions timeout:1\n" + BEFORE + "nameserver 192.0.2.9\n", Files.readString(file));
      }
    }
  }

  @Test
  void serverThatTheUserPutInThePlaceOfOursStays() throws Exception {
    Files.writeString(file, BEFORE);
    up("wg0");
    Files.writeString(file, Files.readString(file).replace(server("wg0"), "nameserver 192.0.2.9\n"));
    down("wg0");
    assertEquals("nameserver 192.0.2.9\n" + BEFORE, Files.readString(file));
  }

  @Test
  void fileThatAnotherProgramWroteAnewIsTheOriginalFromThenOn() throws Exception {
    Files.writeString(file, BEFORE);
    up("wg0");
    String others = "# Generated by NetworkManager\nnameserver 192.0.2.5\n";
    Path fresh = Files.writeString(folder.resolve("fresh"), others);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    up("wg1");
    down("wg0");
    assertEquals(server("wg1"), seen());
    down("wg1");
    assertEquals(others, Files.readString(file));
  }

  @Test
  void danglingLinkIsWrittenThroughWhereItsFolderExists() throws Exception {
    Path target = folder.resolve("stub-resolv.conf");
    Files.createSymbolicLink(file, Path.of("stub-resolv.conf"));
    up("wg0");
    assertEquals(server("wg0"), seen());
    assertFalse(Files.isSymbolicLink(target));
    down("wg0");
    assertFalse(Files.exists(target));
    assertTrue(Files.isSymbolicLink(file));
  }

  @Test
  void danglingLinkIntoNoFolderIsAnErrorThatSaysWhatToDo() throws Exception {
    Files.createSymbolicLink(file, Path.of("systemd/stub-resolv.conf"));
    IOException refused = assertThrows(IOException.class, () -> up("wg0"));
    assertEquals(
        file + ": is a link to systemd/stub-resolv.conf, whose folder does not exist: start the program that makes it,"
            + " or replace the link with a file",
        refused.getMessage());
  }

  @Test
  void whatCannotBeWrittenIsAnErrorThatSaysWhy() throws Exception {
    Files.createDirectory(file);
    IOException refused = assertThrows(IOException.class, () -> up("wg0"));
    assertEquals(
        file + ": cannot be written (Is a directory): make it writable, or remove DNS from the configuration",
        refused.getMessage());
  }
}
