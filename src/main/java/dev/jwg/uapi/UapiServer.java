package dev.jwg.uapi;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers on the UAPI socket of one interface, for as long as it is open and its socket file is there. */
public final class UapiServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UapiServer.class);

  private final IoEventLoop loop;
  private final Channel listener;
  private final UapiConnections connections;
  private final SocketFile file; // guarded by itself
  private final AtomicReference<String> name;
  private final Runnable onRemoved;
  private final IoRegistration watch;
  private volatile boolean closed;

  private UapiServer(IoEventLoop loop, Listening listening, SocketFile file, Runnable onRemoved) throws IOException {
    this.loop = loop;
    this.listener = listening.channel;
    this.connections = listening.connections;
    this.name = listening.name;
    this.file = file;
    this.onRemoved = onRemoved;
    this.watch = DirectoryWatch.start(loop, file.directory(), this::checkFile);
  }

  private record Listening(Channel channel, UapiConnections connections, AtomicReference<String> name) {}

  /**
   * Opens {@code directory/name.sock}; clients are answered from the moment the file exists. Waits for the loop, so not
   * from its thread.
   *
   * @param group one epoll loop, on which the device is controlled too
   * @param onRemoved called once, on the loop, when somebody else removed or replaced the socket file
   * @throws IOException another program answers there, or the socket cannot be made; nothing is left behind
   */
  public static UapiServer open(
      Path directory, String name, EventLoopGroup group, DeviceControl control, Runnable onRemoved)
      throws IOException {
    IoEventLoop loop = (IoEventLoop) group.next();
    SocketFile.makeDirectory(directory);
    SocketFile.requireFree(SocketFile.path(directory, name), name);
    Path hidden = Files.createTempDirectory(directory, "." + name + "-");
    Path bound = hidden.resolve("sock");
    try {
      Listening listening = listen(bound, name, loop, control);
      try {
        return serve(loop, listening, SocketFile.publish(bound, directory, name), onRemoved);
      } catch (IOException failed) {
        listening.channel.close().awaitUninterruptibly();
        throw failed;
      }
    } finally {
      Files.deleteIfExists(bound);
      Files.delete(hidden);
    }
  }

  private static UapiServer serve(IoEventLoop loop, Listening listening, SocketFile file, Runnable onRemoved)
      throws IOException {
    try {
      UapiServer server = new UapiServer(loop, listening, file, onRemoved);
      loop.execute(server::checkFile); // it may have gone before the watch began
      return server;
    } catch (IOException failed) {
      file.remove();
      throw failed;
    }
  }

  private static Listening listen(Path path, String firstName, IoEventLoop loop, DeviceControl control)
      throws IOException {
    AtomicReference<String> name = new AtomicReference<>(firstName);
    UapiConnections connections = new UapiConnections();
    ChannelFuture bound = new ServerBootstrap()
        .group(loop)
        .channel(EpollServerDomainSocketChannel.class)
        .childHandler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel client) {
            client.pipeline().addLast(new UapiConnection(name::get, control, connections));
          }
        })
        .bind(new DomainSocketAddress(path.toString()))
        .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(firstName + ": cannot make the UAPI socket: " + bound.cause().getMessage(), bound.cause());
    }
    return new Listening(bound.channel(), connections, name);
  }

  /**
   * Moves the socket to the name that the interface has now. Its connections stay. From any thread.
   *
   * @throws IOException another program answers there, or the file cannot be moved; the socket keeps its name
   */
  public void rename(String present) throws IOException {
    synchronized (file) { // the watch must not take this for a removal
      file.rename(present);
    }
    name.set(present);
  }

  private boolean isFileOurs() {
    synchronized (file) {
      return file.isOurs();
    }
  }

  private void checkFile() {
    if (!closed && !isFileOurs()) {
      closed = true;
      release();
      onRemoved.run();
    }
  }

  /** Removes the socket file if it is still ours and closes all connections; from any thread. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      synchronized (file) {
        file.remove();
      }
    } catch (IOException cannotRemove) {
      log.warn("{}: cannot remove the UAPI socket", cannotRemove.getMessage());
    }
    if (loop.inEventLoop()) {
      release();
    } else {
      loop.submit(this::release).syncUninterruptibly();
    }
  }

  private void release() {
    watch.cancel();
    var unused = listener.close();
    connections.closeAll();
  }
}
