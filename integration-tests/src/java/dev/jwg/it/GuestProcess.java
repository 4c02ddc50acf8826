package dev.jwg.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command in a guest, over a connection to the guest's agent, which lives as long as the command and the other way
 * round. {@code integration-tests/guest/agent} says what the two tell each other. That the command has ended is known
 * once its output has been read.
 */
final class GuestProcess extends Process {
  private static final int LOST = 255;
  private static final int KILLED = 137;

  private final SocketChannel agent;
  private final CompletableFuture<Integer> status = new CompletableFuture<>();
  private final Output output = new Output();

  GuestProcess(SocketAddress address, List<String> command) throws IOException {
    agent = SocketChannel.open(address);
    order(command.stream().map(GuestProcess::quoted).collect(Collectors.joining(" ")));
  }

  /** A word as the shell reads it, on one line. */
  private static String quoted(String word) {
    return "$'" + word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
  }

  /** Sends the agent a line. */
  private void order(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      agent.write(bytes);
    }
  }

  /** Sends the command's program a signal. */
  void signal(String name) {
    try {
      order(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public InputStream getInputStream() {
    return output;
  }

  @Override
  public InputStream getErrorStream() {
    return InputStream.nullInputStream();
  }

  /** An input that holds nothing and can only be closed. */
  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int octet) {
        throw new UnsupportedOperationException("a guest's command has no input");
      }

      @Override
      public void close() {
        try {
          order("close");
        } catch (IOException ended) {
          // Its input is gone with it; how it ended, its output's reader finds.
        }
      }
    };
  }

  @Override
  public int waitFor() throws InterruptedException {
    try {
      return status.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    try {
      status.get(timeout, unit);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int exitValue() {
    if (!status.isDone()) {
      throw new IllegalThreadStateException("still running");
    }
    return status.join();
  }

  @Override
  public boolean isAlive() {
    return !status.isDone();
  }

  /** All that belongs to the command ends with it, by the agent's hand. */
  @Override
  public Stream<ProcessHandle> descendants() {
    return Stream.empty();
  }

  @Override
  public void destroy() {
    status.complete(KILLED);
    try {
      agent.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the agent sends up to the zero byte. */
  private final class Output extends InputStream {
    private final ByteBuffer received = ByteBuffer.allocate(1 << 13).flip();

    @Override
    public int read() throws IOException {
      byte[] octet = new byte[1];
      return read(octet, 0, 1) < 0 ? -1 : octet[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (!isAlive()) {
        return -1;
      }
      if (!received.hasRemaining() && !receive()) {
        status.complete(LOST);
        return -1;
      }
      int count = 0;
      while (count < length && received.hasRemaining()) {
        byte octet = received.get();
        if (octet == 0) {
          received.position(received.position() - 1);
          break;
        }
        target[offset + count] = octet;
        count++;
      }
      return count > 0 || length == 0 ? count : end();
    }

    private boolean receive() throws IOException {
      received.clear();
      try {
        return agent.read(received) > 0;
      } catch (AsynchronousCloseException e) {
        return false;
      } catch (IOException e) {
        status.complete(LOST);
        throw e;
      } finally {
        received.flip();
      }
    }

    /** Reads the zero byte and the exit status. */
    private int end() throws IOException {
      received.get();
      StringBuilder digits = new StringBuilder();
      while (received.hasRemaining() || receive()) {
        char digit = (char) received.get();
        if (digit == '\n') {
          break;
        }
        digits.append(digit);
      }
      status.complete(digits.isEmpty() ? LOST : Integer.parseInt(digits.toString()));
      agent.close();
      return -1;
    }
  }
}
