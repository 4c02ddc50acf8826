package dev.jwg.uapi;

import dev.jwg.device.DeviceUpdate;
import dev.jwg.linux.Errno;
import dev.jwg.linux.SystemCallException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: bytes become lines, lines become requests, and one reply at a time goes out. While a reply
 * waits for its reader nothing more is read, so a client can make us hold neither requests nor replies.
 *
 * <p>A client that ends its sending side before it has read a reply gets as much of it as the kernel buffers, some
 * hundred peers: Netty 4.2.18 loses its epoll registration when a half-closed channel has nothing to wait for.
 */
final class UapiConnection extends ChannelInboundHandlerAdapter {
  /** The longest line of the protocol, an endpoint with a zone, has less than 100 bytes. */
  static final int MAX_LINE = 256;

  /** 10,000 peers with ten IPv6 prefixes each make 9 MB. */
  static final int MAX_REQUEST = 16 * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(UapiConnection.class);

  private final Supplier<String> name;
  private final DeviceControl control;
  private final UapiConnections connections;

  private final Queue<ByteBuffer> received = new ArrayDeque<>();
  private final byte[] line = new byte[MAX_LINE];
  private int lineLength;
  private int requestLength;
  private UapiParser parser = new UapiParser();
  private @Nullable UapiReply reply;
  private boolean outOfStep;
  private boolean proceeding;

  UapiConnection(Supplier<String> name, DeviceControl control, UapiConnections connections) {
    this.name = name;
    this.control = control;
    this.connections = connections;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    connections.active(ctx.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    received.add(copyAndRelease((ByteBuf) message));
    connections.active(ctx.channel());
    proceed(ctx);
  }

  /** A byte array is far cheaper to walk byte by byte. */
  private static ByteBuffer copyAndRelease(ByteBuf bytes) {
    try {
      return ByteBuffer.wrap(ByteBufUtil.getBytes(bytes));
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      connections.active(ctx.channel());
    }
    proceed(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connections.closed(ctx.channel());
    received.clear();
    Arrays.fill(line, (byte) 0);
    parser.forget();
    reply = null;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) { // a client that went away is nobody's concern
      log.error("{}: UAPI connection failed", name.get(), cause);
    }
    var unused = ctx.close();
  }

  /** Goes on with whatever is possible: the reply under way, else what was received. */
  private void proceed(ChannelHandlerContext ctx) {
    if (proceeding) {
      return; // called from within a write: the loop below looks again
    }
    proceeding = true;
    while (reply != null ? writeReply(ctx, reply) : readLines()) {
      // Each turn sends a whole reply or takes the next request.
    }
    proceeding = false;
    if (reply == null && outOfStep) {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      ctx.channel().config().setAutoRead(reply == null);
    }
  }

  /** Writes while the client reads; true once the whole reply is on its way. */
  private boolean writeReply(ChannelHandlerContext ctx, UapiReply unsent) {
    while (unsent.hasNext() && ctx.channel().isWritable()) {
      var unused = ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), unsent.next()));
    }
    if (unsent.hasNext()) {
      return false;
    }
    reply = null;
    return true;
  }

  /** Takes bytes up to the end of a request or of one buffer; false if there are none. */
  private boolean readLines() {
    ByteBuffer bytes = received.peek();
    if (bytes == null) {
      return false;
    }
    while (reply == null && bytes.hasRemaining() && !outOfStep) {
      readByte(bytes.get());
    }
    if (outOfStep || !bytes.hasRemaining()) {
      Arrays.fill(received.remove().array(), (byte) 0); // there may have been keys in it
    }
    return true;
  }

  private void readByte(byte next) {
    requestLength++;
    if (next == '\n') {
      endOfLine();
    } else if (requestLength > MAX_REQUEST) {
      refuseAndClose("a request of more than " + MAX_REQUEST + " bytes");
    } else if (lineLength == MAX_LINE) {
      refuseAndClose("a line of more than " + MAX_LINE + " bytes");
    } else {
      line[lineLength++] = next;
    }
  }

  private void endOfLine() {
    if (lineLength == 0) {
      endOfRequest();
      return;
    }
    parser.line(new String(line, 0, lineLength, StandardCharsets.US_ASCII));
    lineLength = 0;
    if (!parser.hasOperation()) {
      endOfRequest(); // not our protocol: what follows has no known end
    }
  }

  private void endOfRequest() {
    UapiParser ended = parser;
    parser = new UapiParser();
    requestLength = 0;
    outOfStep |= !ended.hasOperation();
    try {
      reply = execute(ended.finish());
    } catch (UapiException invalid) {
      refuse(invalid.errno(), invalid);
    } catch (IOException failed) {
      refuse(errnoOf(failed), failed);
    }
  }

  private UapiReply execute(UapiRequest request) throws IOException {
    if (request instanceof UapiRequest.Set set) {
      return apply(set.update());
    }
    return UapiReply.state(control.state(), control.isStarting(), control.isWithoutPort());
  }

  private UapiReply apply(DeviceUpdate update) throws IOException {
    control.apply(update);
    return UapiReply.errno(0);
  }

  private void refuse(Errno errno, IOException cause) {
    log.warn("{}: refused a UAPI request: {}", name.get(), cause.getMessage());
    reply = UapiReply.errno(errno.number());
  }

  private void refuseAndClose(String why) {
    parser.forget();
    outOfStep = true;
    refuse(Errno.EINVAL, new UapiException(Errno.EINVAL, why));
  }

  private static Errno errnoOf(IOException failure) {
    if (failure instanceof SystemCallException call) {
      for (Errno errno : Errno.values()) {
        if (call.is(errno)) {
          return errno;
        }
      }
    }
    return Errno.EIO;
  }
}
