package dev.jwg.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.NameServer;
import dev.jwg.net.IpAddress;
import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With stand-ins for resolvconf and resolvectl that write down how they were called. */
final class DnsTest {
  private static final List<NameServer> SERVERS =
      List.of(new NameServer(IpAddress.parse("10.8.0.53")), new NameServer(IpAddress.parse("fd08::53")));
  private static final ChildEnvironment ENVIRONMENT = new ChildEnvironment(Set::of);
  private static final List<String> SEARCH = List.of("example.org", "example.net");
  private static final String LINES = "nameserver 10.8.0.53\nnameserver fd08::53\nsearch example.org example.net\n";
  private static final String WRITTEN = "# Written by jwg for lo, which puts back what was here:\n" + LINES;
  private static final String BEFORE = "nameserver 192.0.2.1\noptions edns0\n";
  private static final String KEPT = "#| nameserver 192.0.2.1\n#| options edns0\n";

  @TempDir private Path folder;
  private Path resolvConf;
  private Path calls;
  private Path resolved;
  private Path interfaceOrder;
  private final Undo undo = new Undo();

  @BeforeEach
  void nameTheFiles() throws IOException {
    resolvConf = folder.resolve("resolv.conf");
    calls = Files.createFile(folder.resolve("calls"));
    resolved = folder.resolve("io.systemd.Resolve");
    interfaceOrder = folder.resolve("interface-order");
    Files.createDirectory(folder.resolve("bin"));
  }

  /** The loopback interface, for there must be one. */
  private Dns dns() {
    return new Dns("lo", name -> false, undo, ENVIRONMENT, places());
  }

  private Dns.Places places() {
    return new Dns.Places(folder.resolve("bin").toString(), resolvConf, interfaceOrder, resolved);
  }

  private void standIn(String program, String lastLine) throws IOException {
    Path file = folder.resolve("bin").resolve(program);
    Files.writeString(file, "#!/bin/sh\nPATH=/bin:/usr/bin\n{ echo \"%s $*\"; cat; } >>%s\n%s\n"
        .formatted(program, calls, lastLine));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private String calls() throws IOException {
    return Files.readString(calls);
  }

  @Test
  void fileIsWrittenInPlaceAndPutBack() throws Exception {
    Files.writeString(resolvConf, BEFORE);
    Files.setPosixFilePermissions(resolvConf, PosixFilePermissions.fromString("rw-rw-r--"));
    Object inode = Files.getAttribute(resolvConf, "unix:ino");
    dns().set(SERVERS, SEARCH);
    assertEquals(WRITTEN + KEPT, Files.readString(resolvConf));
    undo.close();
    assertEquals(BEFORE, Files.readString(resolvConf));
    assertEquals(inode, Files.getAttribute(resolvConf, "unix:ino"));
    assertEquals("rw-rw-r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(resolvConf)));
  }

  @Test
  void longerContentLeavesNothingBehindTheShorter() throws Exception {
    Files.writeString(resolvConf, "#\n");
    dns().set(SERVERS, List.of());
    undo.close();
    assertEquals("#\n", Files.readString(resolvConf));
  }

  @Test
  void whatWasThereBeforeAKilledEndpointIsPutBackByTheNext() throws Exception {
    Files.writeString(resolvConf, BEFORE);
    new Dns("lo", name -> false, new Undo(), ENVIRONMENT, places()).set(SERVERS, SEARCH); // and nobody closes that undo
    dns().set(SERVERS.subList(0, 1), List.of());
    undo.close();
    assertEquals(BEFORE, Files.readString(resolvConf));
  }

  @Test
  void whateverTheEncodingNoByteIsLost() throws Exception {
    byte[] before = {'#', ' ', (byte) 0xe9, (byte) 0xff, '\n', '#', (byte) 0xc3, (byte) 0xa9};
    Files.write(resolvConf, before);
    dns().set(SERVERS, SEARCH);
    undo.close();
    assertArrayEquals(before, Files.readAllBytes(resolvConf));
  }

  @Test
  void linkToTheFileStaysOne() throws Exception {
    Path real = Files.writeString(folder.resolve("real"), BEFORE);
    Files.createSymbolicLink(resolvConf, real);
    dns().set(SERVERS, SEARCH);
    assertEquals(WRITTEN + KEPT, Files.readString(real));
    undo.close();
    assertEquals(BEFORE, Files.readString(real));
    assertTrue(Files.isSymbolicLink(resolvConf));
  }

  @Test
  void whatSomebodyElseWroteSinceStays() throws Exception {
    Files.writeString(resolvConf, BEFORE);
    dns().set(SERVERS, SEARCH);
    Files.writeString(resolvConf, "nameserver 192.0.2.7\n");
    undo.close();
    assertEquals("nameserver 192.0.2.7\n", Files.readString(resolvConf));
  }

  @Test
  void missingFileIsMadeForAllToReadAndRemoved() throws Exception {
    dns().set(SERVERS, SEARCH);
    assertEquals(WRITTEN.replace("puts back what was here", "removes this file"), Files.readString(resolvConf));
    assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(resolvConf)));
    undo.close();
    assertFalse(Files.exists(resolvConf));
  }

  @Test
  void searchDomainsAloneAreNotUsed() throws Exception {
    Files.writeString(resolvConf, BEFORE);
    List<String> logged = Stderr.of(() -> dns().set(List.of(), SEARCH));
    assertEquals(1, logged.size(), logged::toString);
    assertEquals(BEFORE, Files.readString(resolvConf));
  }

  @Test
  void resolvconfIsCalledAsByWgQuick() throws Exception {
    standIn("resolvconf", "");
    Files.writeString(resolvConf, BEFORE);
    dns().set(SERVERS, SEARCH);
    assertEquals("resolvconf -a lo -m 0 -x\n" + LINES, calls());
    Files.writeString(calls, "");
    undo.close();
    assertEquals("resolvconf -d lo -f\n", calls());
    assertEquals(BEFORE, Files.readString(resolvConf));
  }

  @Test
  void renamedInterfacesServersAreThoseOfTheNewName() throws Exception {
    standIn("resolvconf", "");
    Dns dns = dns();
    dns.rename("lo1"); // by PreUp, for one
    dns.set(SERVERS, SEARCH);
    dns.rename("lo2");
    dns.rename("lo2");
    undo.close();
    assertEquals(
        "resolvconf -a lo1 -m 0 -x\n" + LINES + "resolvconf -a lo2 -m 0 -x\n" + LINES
            + "resolvconf -d lo1 -f\nresolvconf -d lo2 -f\n",
        calls());
  }

  @Test
  void resolvedKnowsARenamedInterfaceByItsNewNameOnly() throws Exception {
    standIn("resolvectl", "");
    Files.createFile(resolved);
    Dns dns = new Dns("before", name -> false, undo, ENVIRONMENT, places());
    dns.set(SERVERS, List.of());
    dns.rename("lo");
    undo.close();
    assertEquals("""
        resolvectl dns before 10.8.0.53 fd08::53
        resolvectl domain before ~.
        resolvectl revert lo
        """, calls());
  }

  @Test
  void resolvconfsOwnOrderDecidesTheRecordsName() throws Exception {
    standIn("resolvconf", "");
    Files.writeString(interfaceOrder, "# order\nlo.inet6\ntun*\ntap*\n");
    dns().set(SERVERS, List.of());
    assertTrue(calls().startsWith("resolvconf -a tun.lo -m 0 -x\n"), calls());
  }

  @Test
  void aResolvconfThatIsALinkToAnotherProgramHasNoSuchOrder() throws Exception {
    standIn("resolvectl", "");
    Files.createSymbolicLink(folder.resolve("bin").resolve("resolvconf"), Path.of("resolvectl"));
    Files.writeString(interfaceOrder, "tun*\n");
    dns().set(List.of(new NameServer(IpAddress.parse("fe80::1"), "lo")), List.of());
    undo.close();
    assertEquals("resolvectl -a lo -m 0 -x\nnameserver fe80::1%lo\nresolvectl -d lo -f\n", calls());
  }

  @Test
  void failureOfResolvconfIsToldInItsWordsAndUndone() throws Exception {
    standIn("resolvconf", "echo 'no room' >&2; [ $1 = -d ]");
    IOException failed = assertThrows(IOException.class, () -> dns().set(SERVERS, SEARCH));
    assertEquals("resolvconf -a lo -m 0 -x: no room", failed.getMessage());
    undo.close();
    assertTrue(calls().endsWith("resolvconf -d lo -f\n"), calls());
  }

  @Test
  void resolvedIsToldWhereItRuns() throws Exception {
    standIn("resolvectl", "");
    Files.createFile(resolved);
    Files.writeString(resolvConf, BEFORE);
    dns().set(SERVERS, SEARCH);
    undo.close();
    assertEquals("""
        resolvectl dns lo 10.8.0.53 fd08::53
        resolvectl domain lo example.org example.net ~.
        resolvectl revert lo
        """, calls());
    assertEquals(BEFORE, Files.readString(resolvConf));
  }

  @Test
  void resolvedThatIsOnlyInstalledIsLeftAlone() throws Exception {
    standIn("resolvectl", "");
    Files.writeString(resolvConf, BEFORE);
    dns().set(SERVERS, SEARCH);
    assertEquals("", calls());
    assertEquals(WRITTEN + KEPT, Files.readString(resolvConf));
  }
}
