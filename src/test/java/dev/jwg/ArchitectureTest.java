package dev.jwg;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.jwg.cli.Main;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who may use whom: what each package-info says. The arrows point from the first package named to those behind it. */
class ArchitectureTest {
  private static final String ROOT = "dev.jwg";

  private static final Map<String, Set<String>> ARROWS = new TreeMap<>();

  static {
    arrows("log");
    arrows("net");
    arrows("time");
    arrows("protocol");
    arrows("crypto");
    arrows("linux", "time");
    arrows("route", "net");
    arrows("offload", "net");
    arrows("tun", "net", "linux", "offload");
    arrows("udp", "net", "linux");
    arrows("noise", "crypto", "protocol", "net");
    arrows("session", "crypto", "protocol", "noise", "net");
    arrows("jfr", "crypto");
    arrows("rehearsal", "session", "noise", "offload", "route", "crypto", "net");
    arrows("health");
    arrows("device", "noise", "session", "route", "crypto", "protocol", "time", "net", "jfr", "tun", "udp");
    arrows("metrics", "device", "crypto", "route", "health");
    arrows("config", "crypto", "route", "net");
    arrows("change", "config", "device", "crypto", "route", "net");
    arrows("host", "net", "route", "linux", "config");
    arrows("uapi", "device", "crypto", "route", "net", "linux");
    arrows(
        "daemon",
        "uapi", "host", "change", "config", "device", "session", "tun", "udp", "linux", "route", "crypto", "time",
        "net", "metrics", "jfr", "rehearsal");
    arrows(
        "cli",
        "daemon", "uapi", "host", "change", "config", "device", "crypto", "route", "net", "log", "metrics", "health");
  }

  private static void arrows(String from, String... to) {
    ARROWS.put(from, Set.of(to));
  }

  /** What was compiled from src/main, wherever the build put it. */
  private static final JavaClasses CLASSES =
      new ClassFileImporter().importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());

  private static String packageOf(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
  }

  @Test
  void packagesUseOnlyWhatTheirArrowsPointAt() {
    Set<String> wrong = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      String from = packageOf(type);
      if (from.isEmpty()) {
        continue; // the entry point may use all
      }
      type.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(target -> target.getPackageName().startsWith(ROOT))
          .filter(target -> !packageOf(target).equals(from))
          .filter(target -> !ARROWS.getOrDefault(from, Set.of()).contains(packageOf(target)))
          .forEach(target -> wrong.add(type.getSimpleName() + " (" + from + ") uses " + target.getName()));
    }
    assertEquals(Set.of(), wrong);
  }

  @Test
  void everyPackageHasItsArrowsHere() {
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(packageOf(type)));
    packages.remove("");
    packages.removeAll(ARROWS.keySet());
    assertEquals(Set.of(), packages, "packages without a line in this test");
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyLinuxUsesJna() {
    onlyUsers("com.sun.jna..", ROOT + ".linux..");
  }

  @Test
  void onlyLinuxAndUapiUseNetty() {
    onlyUsers("io.netty..", ROOT + ".linux..", ROOT + ".uapi..");
  }

  @Test
  void onlyCryptoUsesBouncyCastleAndJavaxCrypto() {
    onlyUsers("org.bouncycastle..", ROOT + ".crypto..");
    onlyUsers("javax.crypto..", ROOT + ".crypto..");
  }

  @Test
  void onlyMetricsUsesPrometheusAndTheHttpServer() {
    onlyUsers("io.prometheus..", ROOT + ".metrics..");
    onlyUsers("com.sun.net.httpserver..", ROOT + ".metrics..");
  }

  @Test
  void onlyJfrUsesTheFlightRecorder() {
    onlyUsers("jdk.jfr..", ROOT + ".jfr..");
  }

  /** A backend is chosen in one place; all others know the API. */
  @Test
  void onlyTheLogKnowsHowSlf4jIsServed() {
    onlyUsers("org.slf4j.spi..", ROOT + ".log..");
    onlyUsers("org.slf4j.helpers..", ROOT + ".log..");
  }

  private void onlyUsers(String library, String... users) {
    noClasses()
        .that(resideOutsideOfPackages(users))
        .should()
        .dependOnClassesThat(resideInAPackage(library))
        .check(CLASSES);
    boolean used =
        CLASSES.stream()
            .filter(resideInAnyPackage(users))
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .anyMatch(dependency -> resideInAPackage(library).test(dependency.getTargetClass()));
    assertTrue(used, library + " is used nowhere: this rule is idle");
  }

  @Test
  void theDeviceAndWhatIsBelowKnowNoFileAndNoSocket() {
    noClasses()
        .that(
            resideInAnyPackage(
                inRoot("device", "session", "noise", "route", "offload", "protocol", "crypto", "net", "time")))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.nio.file..", "java.nio.channels..")
                .or(JavaClass.Predicates.belongToAnyOf(java.io.File.class, java.net.Socket.class)))
        .check(CLASSES);
  }

  private static String[] inRoot(String... packages) {
    String[] names = new String[packages.length];
    for (int i = 0; i < packages.length; i++) {
      names[i] = ROOT + "." + packages[i];
    }
    return names;
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() {
    Set<String> without = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      if (!type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked")) {
        without.add(type.getPackageName());
      }
    }
    assertEquals(Set.of(), without, "packages without package-info");
  }
}
