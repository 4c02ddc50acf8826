package dev.jwg.it;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.parallel.ExecutionMode;
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
    // Who runs beside others needs the outer addresses, and the guests' only cards, for itself.
    ExtensionContext owner = test.getExecutionMode() == ExecutionMode.CONCURRENT ? test : test.getRoot();
    // By a key of the owner's own: a store also finds what its parents' have.
    Rack rack = owner.getStore(STORE).getOrComputeIfAbsent(owner.getUniqueId(), key -> new Rack(), Rack.class);
    Lab lab = new Lab(rack);
    test.getStore(STORE).put(Lab.class, lab);
    return lab;
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
