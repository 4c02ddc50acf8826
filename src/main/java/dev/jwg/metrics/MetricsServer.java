package dev.jwg.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * {@code /metrics}, {@code /livez} and {@code /readyz} of one endpoint. It answers before there is an endpoint and after,
 * so that probes learn why. Bounded in threads, connections, and what a request may hold and take.
 */
public final class MetricsServer implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int BACKLOG = 16;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int NOT_FOUND = 404;
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final AtomicReference<@Nullable Watched> endpoint = new AtomicReference<>();
  private final HttpServer server;
  private final ExecutorService threads;

  private MetricsServer(HttpServer server, MetricsOptions options) {
    this.server = server;
    this.threads = Executors.newFixedThreadPool(THREADS, task -> newThread(task));
    Probes probes = new Probes(options.readyPeer(), Clock.systemUTC());
    Scrape scrape = new Scrape(this::endpoint);
    server.setExecutor(threads);
    server.createContext("/", exchange -> serve(exchange, probes, scrape));
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "jwg-metrics");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Listens.
   *
   * @throws IOException the address is taken or not ours
   */
  public static MetricsServer open(MetricsOptions options) throws IOException {
    limitRequests();
    HttpServer server;
    try {
      server = HttpServer.create(options.address(), BACKLOG);
    } catch (IOException refused) {
      String at = options.address().getHostString() + ":" + options.address().getPort();
      throw new IOException("cannot serve metrics at " + at + ": " + refused.getMessage(), refused);
    }
    MetricsServer metrics = new MetricsServer(server, options);
    server.start();
    return metrics;
  }

  /** The JDK's server is limited by properties only: seconds, numbers, and bytes. A limit set by the user stays. */
  private static void limitRequests() {
    String server = "sun.net.httpserver.";
    setIfAbsent(server + "maxReqTime", "5");
    setIfAbsent(server + "maxRspTime", "30");
    setIfAbsent(server + "maxReqHeaders", "64");
    setIfAbsent(server + "maxReqHeaderSize", "16384");
    setIfAbsent(server + "maxIdleConnections", "8");
    setIfAbsent("jdk.httpserver.maxConnections", "32");
    setIfAbsent(server + "nodelay", "true"); // or each answer waits for an acknowledgement of its head
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** The endpoint is there. */
  public void watch(Watched present) {
    endpoint.set(present);
  }

  /** The endpoint goes. */
  public void unwatch() {
    endpoint.set(null);
  }

  private Optional<Watched> endpoint() {
    return Optional.ofNullable(endpoint.get());
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange, Probes probes, Scrape scrape) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        answer(exchange, METHOD_NOT_ALLOWED, "only GET and HEAD");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/metrics" -> scrape.serve(exchange);
        case "/livez" -> answer(exchange, probes.live(endpoint()));
        case "/readyz" -> answer(exchange, probes.ready(endpoint()));
        default -> answer(exchange, NOT_FOUND, "there are /metrics, /livez and /readyz");
      }
    }
  }

  private static void answer(HttpExchange exchange, Probes.Answer answer) throws IOException {
    answer(exchange, answer.status(), answer.line());
  }

  static void answer(HttpExchange exchange, int status, String line) throws IOException {
    byte[] body = (line + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", PLAIN);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
