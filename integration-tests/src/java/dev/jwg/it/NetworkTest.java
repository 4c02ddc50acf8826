package dev.jwg.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A class of tests that each get a {@link Lab} and a deadline that only a test that hangs reaches; a failure shows what the lab's programs printed. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({LabExtension.class, InteropRecord.class})
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@interface NetworkTest {}
