package dev.jwg.linux;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** What an older kernel refuses: by seccomp(2), this one answers with the same error number instead of doing it. */
public enum Refusal {
  /** TUNSETOFFLOAD does not know TUN_F_USO4 and TUN_F_USO6: before Linux 6.2. */
  TUN_USO(Platform.isARM() ? 29 : 16, 0x400454d0, Refusal.JUMP_IF_ANY_BIT, 0x20 | 0x40, 22),

  /** TUNSETOFFLOAD takes nothing but "none". */
  TUN_OFFLOAD(Platform.isARM() ? 29 : 16, 0x400454d0, Refusal.JUMP_IF_ANY_BIT, 0xff, 22),

  /** UDP sockets have no option UDP_SEGMENT: before Linux 4.18. */
  UDP_SEGMENT(Platform.isARM() ? 208 : 54, 17, Refusal.JUMP_IF_EQUAL, 103, 92),

  /** UDP sockets have no option UDP_GRO: before Linux 5.0. */
  UDP_GRO(Platform.isARM() ? 208 : 54, 17, Refusal.JUMP_IF_EQUAL, 104, 92);

  private static final int PR_SET_SECCOMP = 22; // linux/prctl.h
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int SECCOMP_MODE_FILTER = 2; // linux/seccomp.h
  private static final int SECCOMP_RET_ERRNO = 0x00050000;
  private static final int SECCOMP_RET_ALLOW = 0x7fff0000;

  // linux/bpf_common.h
  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_ANY_BIT = 0x45;
  private static final int RETURN = 0x06;

  private static final int INSTRUCTIONS = 8;

  // struct seccomp_data: the call's number, and the lower halves of its second and third argument.
  private static final int NUMBER = 0;
  private static final int SECOND = 24;
  private static final int THIRD = 32;

  static {
    Native.register(Refusal.class, Platform.C_LIBRARY_NAME);
  }

  private final int call;
  private final int second;
  private final int thirdTest;
  private final int third;
  private final int error;

  Refusal(int call, int second, int thirdTest, int third, int error) {
    this.call = call;
    this.second = second;
    this.thirdTest = thirdTest;
    this.third = third;
    this.error = error;
  }

  private static native int prctl(int option, long second, long third, long fourth, long fifth);

  /** Runs on a thread of its own that is refused this, in the calling thread's network namespace. */
  public <T> T during(Callable<T> action) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              begin(program());
              return action.call();
            });
    new Thread(task, "refused-" + name()).start();
    try {
      return task.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** For this thread, until its end. */
  private static void begin(NativeMemory program) throws SystemCallException {
    NativeMemory header = new NativeMemory(16); // struct sock_fprog
    header.putShort(0, INSTRUCTIONS);
    header.putLong(8, program.address(0));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header.address(0), 0, 0) < 0) {
      throw new SystemCallException("prctl", Libc.errno());
    }
  }

  private NativeMemory program() {
    NativeMemory program = new NativeMemory(8 * INSTRUCTIONS);
    instruction(program, 0, LOAD_WORD, 0, 0, NUMBER);
    instruction(program, 1, JUMP_IF_EQUAL, 0, 5, call);
    instruction(program, 2, LOAD_WORD, 0, 0, SECOND);
    instruction(program, 3, JUMP_IF_EQUAL, 0, 3, second);
    instruction(program, 4, LOAD_WORD, 0, 0, THIRD);
    instruction(program, 5, thirdTest, 0, 1, third);
    instruction(program, 6, RETURN, 0, 0, SECCOMP_RET_ERRNO | error);
    instruction(program, 7, RETURN, 0, 0, SECCOMP_RET_ALLOW);
    return program;
  }

  /** A struct sock_filter; the jumps count the instructions to leave out. */
  private static void instruction(NativeMemory program, int index, int code, int ifTrue, int ifFalse, int value) {
    program.putShort(8 * index, code);
    program.putShort(8 * index + 2, ifTrue | ifFalse << 8);
    program.putInt(8 * index + 4, value);
  }
}
