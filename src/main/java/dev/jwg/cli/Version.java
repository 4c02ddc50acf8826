package dev.jwg.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** {@code jwg 0.1.0}, from the jar's manifest. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {"jwg " + Objects.requireNonNullElse(version, "(not from a jar)")};
  }
}
