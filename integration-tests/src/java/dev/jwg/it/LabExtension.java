package dev.jwg.it;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Gives each test a lab, closes it, and adds the programs' output to what went wrong. */
final class LabExtension implements ParameterResolver, TestExecutionExceptionHandler, AfterEachCallback {
  private static final Namespace STORE = Namespace.create(LabExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == Lab.class;
  }

  @Override
  public Lab resolveParameter(ParameterContext parameter, ExtensionContext test) {
    Rack rack = racks(test).take();
    test.getStore(STORE).put(Rack.class, rack);
    Lab lab = new Lab(rack);
    test.getStore(STORE).put(Lab.class, lab);
    return lab;
  }

  private static Racks racks(ExtensionContext test) {
    return test.getRoot().getStore(STORE).getOrComputeIfAbsent(Racks.class, key -> new Racks(), Racks.class);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext test, Throwable failure) throws Throwable {
    Lab lab = test.getStore(STORE).get(Lab.class, Lab.class);
    if (lab != null && !(failure instanceof TestAbortedException)) {
      failure.addSuppressed(new Printed(lab.logs()));
    }
    throw failure;
  }

  @Override
  public void afterEach(ExtensionContext test) {
    Lab lab = test.getStore(STORE).remove(Lab.class, Lab.class);
    if (lab != null) {
      lab.close();
      racks(test).giveBack(test.getStore(STORE).remove(Rack.class, Rack.class));
    }
  }

  /** Carries the output into the failure's stack trace. */
  private static final class Printed extends Exception {
    private static final long serialVersionUID = 1;

    Printed(String logs) {
      super("what the lab's programs printed:\n" + logs, null, false, false);
    }
  }
}
