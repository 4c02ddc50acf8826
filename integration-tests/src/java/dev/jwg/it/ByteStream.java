package dev.jwg.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** A program for either end of a TCP connection: sends pseudo-random bytes or receives them, and prints their digest. */
final class ByteStream {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long SEED = 1;

  private ByteStream() {}

  /** Takes {@code send ADDRESS PORT [BYTES]}, or else until the end of standard input, or {@code receive PORT}. */
  public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
    if (args[0].equals("send")) {
      try (Socket socket = new Socket(args[1], Integer.parseInt(args[2]))) {
        if (args.length == 4) {
          send(socket.getOutputStream(), Long.parseLong(args[3]), () -> false);
        } else {
          send(socket.getOutputStream(), Long.MAX_VALUE, endOfInput());
        }
      }
    } else {
      try (ServerSocket server = new ServerSocket(Integer.parseInt(args[1]))) {
        System.out.println("listening");
        try (Socket socket = server.accept()) {
          receive(socket.getInputStream());
        }
      }
    }
  }

  /** Tells whether standard input has ended. */
  private static BooleanSupplier endOfInput() {
    CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
      try {
        System.in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    return end::isDone;
  }

  private static void send(OutputStream out, long bytes, BooleanSupplier ended)
      throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    SplittableRandom random = new SplittableRandom(SEED);
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long left = bytes;
    while (left > 0 && !ended.getAsBoolean()) {
      buffer.clear();
      while (buffer.hasRemaining()) {
        buffer.putLong(random.nextLong());
      }
      int length = (int) Math.min(left, BUFFER_BYTES);
      digest.update(buffer.array(), 0, length);
      out.write(buffer.array(), 0, length);
      left -= length;
    }
    report(bytes - left, digest);
  }

  private static void receive(InputStream in) throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[BUFFER_BYTES];
    long bytes = 0;
    for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
      digest.update(buffer, 0, length);
      bytes += length;
    }
    report(bytes, digest);
  }

  private static void report(long bytes, MessageDigest digest) {
    System.out.println(bytes + " bytes, SHA-256 " + HexFormat.of().formatHex(digest.digest()));
  }
}
