package dev.jwg.metrics;

import com.sun.net.httpserver.HttpExchange;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmBufferPoolMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmRuntimeInfoMetric;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/**
 * Answers a scrape in the format that the client prefers: OpenMetrics or Prometheus' own text. The answer is written as
 * it is made, and one at a time, since that of ten thousand peers has more than ten megabytes.
 */
final class Scrape {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;
  private static final long TURN_SECONDS = 10;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final Semaphore turn = new Semaphore(1);

  Scrape(Supplier<Optional<Watched>> endpoint) {
    registry.register(new EndpointCollector(endpoint));
    JvmBufferPoolMetrics.builder().register(registry);
    JvmGarbageCollectorMetrics.builder().register(registry);
    JvmMemoryMetrics.builder().register(registry);
    JvmRuntimeInfoMetric.builder().register(registry);
    JvmThreadsMetrics.builder().register(registry);
    ProcessMetrics.builder().register(registry);
  }

  void serve(HttpExchange exchange) throws IOException {
    if (!awaitTurn()) {
      MetricsServer.answer(exchange, UNAVAILABLE, "another scrape takes too long");
      return;
    }
    try {
      write(exchange);
    } finally {
      turn.release();
    }
  }

  private boolean awaitTurn() {
    try {
      return turn.tryAcquire(TURN_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void write(HttpExchange exchange) throws IOException {
    ExpositionFormatWriter format = openMetrics.accepts(header(exchange, "Accept")) ? openMetrics : text;
    boolean compressed = header(exchange, "Accept-Encoding").contains("gzip");
    exchange.getResponseHeaders().set("Content-Type", format.getContentType());
    if (compressed) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(OK, -1);
      return;
    }
    exchange.sendResponseHeaders(OK, 0); // of a length not known yet
    try (OutputStream body = exchange.getResponseBody();
        OutputStream out = compressed ? new GZIPOutputStream(body) : body) {
      format.write(out, registry.scrape());
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
  }
}
