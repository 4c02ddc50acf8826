package dev.jwg.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PublicKey;
import dev.jwg.net.IpAddress;
import dev.jwg.testing.Host;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
  private static final int MANY = 10_000;

  private final World world = new World(7);
  private final Host alice = world.alice();
  private final FakeEndpoint endpoint = new FakeEndpoint(alice);
  private MetricsServer server;

  @BeforeEach
  void listen() throws IOException {
    server = MetricsServer.open(options(0));
    server.watch(endpoint);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static MetricsOptions options(int port) {
    return new MetricsOptions(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Optional.empty());
  }

  private HttpResponse<byte[]> request(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofByteArray());
  }

  private String get(String path, String... headers) throws Exception {
    return new String(request("GET", path, headers).body(), StandardCharsets.UTF_8);
  }

  private long value(String series) throws Exception {
    String line =
        get("/metrics").lines().filter(each -> each.startsWith(series + " ")).findFirst().orElseThrow(
            () -> new AssertionError("no " + series));
    return (long) Double.parseDouble(line.substring(series.length() + 1));
  }

  private String ofBob(String name, String more) {
    return name + "{interface=\"alice\",public_key=\"" + world.bob().publicKey().toBase64() + "\"" + more + "}";
  }

  @Test
  void aPeersTrafficHasTheNamesAndLabelsOfTheExporters() throws Exception {
    world.handshake();
    String labels = "{allowed_ips=\"10.0.0.2/32\",interface=\"alice\",public_key=\"" + world.bob().publicKey().toBase64();
    assertEquals(148 + 144, value("wireguard_sent_bytes_total" + labels + "\"}"), "an initiation and 100 bytes of data");
    assertEquals(92, value("wireguard_received_bytes_total" + labels + "\"}"));
    assertEquals(
        world.clock().wallTime().getEpochSecond(), value("wireguard_latest_handshake_seconds" + labels + "\"}"));
    assertEquals(2, value(ofBob("jwg_sent_packets_total", "")));
    assertEquals(1, value(ofBob("jwg_received_packets_total", "")));
  }

  @Test
  void handshakesAreCountedByRoleAndFailure() throws Exception {
    world.wire().copies(datagram -> 0);
    world.exchange(alice, world.bob());
    assertEquals(1, value("jwg_staged_packets{interface=\"alice\"}"));
    assertEquals(0, value("jwg_congestion_marks_lost_total{interface=\"alice\"}"));
    world.advanceSeconds(6);
    world.wire().heal();
    world.advanceSeconds(6);
    assertEquals(3, value(ofBob("jwg_handshake_attempts_total", ",role=\"initiator\"")));
    assertEquals(2, value(ofBob("jwg_handshake_failures_total", ",reason=\"no_answer\"")));
    assertEquals(1, value(ofBob("jwg_handshakes_completed_total", ",role=\"initiator\"")));
    assertEquals(0, value(ofBob("jwg_rekeys_total", "")));
    assertEquals(0, value("jwg_staged_packets{interface=\"alice\"}"));
    world.advanceSeconds(121);
    world.exchange(alice, world.bob());
    assertEquals(1, value(ofBob("jwg_rekeys_total", "")));
  }

  @Test
  void everyDropHasItsReason() throws Exception {
    world.eveSends(World.EVE, alice, new byte[20]);
    assertEquals(1, value("jwg_drops_total{interface=\"alice\",reason=\"malformed_datagram\"}"));
    assertEquals(0, value("jwg_drops_total{interface=\"alice\",reason=\"bad_tag\"}"));
  }

  @Test
  void theClientChoosesTheFormat() throws Exception {
    HttpResponse<byte[]> text = request("GET", "/metrics", "Accept", "text/plain;version=0.0.4");
    assertTrue(text.headers().firstValue("Content-Type").orElseThrow().startsWith("text/plain"));
    // What a Prometheus sends by itself: it prefers protobuf, which is not offered.
    HttpResponse<byte[]> open =
        request(
            "GET",
            "/metrics",
            "Accept",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                + "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "Accept-Encoding",
            "gzip");
    assertTrue(open.headers().firstValue("Content-Type").orElseThrow().startsWith("application/openmetrics-text"));
    try (GZIPInputStream body = new GZIPInputStream(new ByteArrayInputStream(open.body()))) {
      assertTrue(new String(body.readAllBytes(), StandardCharsets.UTF_8).endsWith("# EOF\n"));
    }
  }

  @Test
  void theMachineAndTheJvmAreThereToo() throws Exception {
    Set<String> names = names(get("/metrics"));
    assertTrue(
        names.containsAll(
            Set.of("jvm_memory_used_bytes", "jvm_gc_collection_seconds_count", "jvm_threads_current",
                "process_cpu_seconds_total", "process_start_time_seconds", "process_resident_memory_bytes")),
        names::toString);
  }

  @Test
  void anEndpointThatHangsIsTold() throws Exception {
    assertEquals(1, value("jwg_interface_up{interface=\"alice\"}"));
    endpoint.hang();
    assertEquals(0, value("jwg_interface_up{interface=\"alice\"}"));
    assertEquals("the control thread does not answer\n", get("/livez"));
  }

  @Test
  void probesAnswerAlsoWhileThereIsNoEndpoint() throws Exception {
    assertEquals(200, request("GET", "/readyz").statusCode());
    server.unwatch();
    assertEquals(503, request("GET", "/readyz").statusCode());
    assertEquals(200, request("GET", "/livez").statusCode());
    assertTrue(get("/metrics").contains("jvm_"));
    assertFalse(get("/metrics").contains("jwg_"));
  }

  @Test
  void nothingElseIsServed() throws Exception {
    assertEquals(404, request("GET", "/").statusCode());
    assertEquals(404, request("GET", "/metrics/x").statusCode());
    assertEquals(405, request("POST", "/metrics").statusCode());
    assertEquals(200, request("HEAD", "/metrics").statusCode());
    assertEquals(0, request("HEAD", "/metrics").body().length);
  }

  @Test
  void aTakenAddressIsRefused() {
    IOException refused = assertThrows(IOException.class, () -> MetricsServer.open(options(server.port())));
    assertEquals(
        "cannot serve metrics at localhost:" + server.port() + ": Address already in use",
        refused.getMessage());
  }

  @Test
  void theDashboardAsksOnlyForWhatThereIs() throws Exception {
    world.wire().copies(datagram -> 0);
    world.exchange(alice, world.bob());
    world.advanceSeconds(6);
    world.wire().heal();
    world.advanceSeconds(6);
    Set<String> served = names(get("/metrics"));
    String dashboard = Files.readString(Path.of("docker", "grafana-dashboard.json"));
    Set<String> asked = new TreeSet<>();
    Matcher expression = Pattern.compile("\"(?:expr|query)\": \"((?:[^\"\\\\]|\\\\.)*)\"").matcher(dashboard);
    while (expression.find()) {
      Matcher name = Pattern.compile("\\b(?:wireguard|jwg|jvm|process)_\\w+").matcher(expression.group(1));
      while (name.find()) {
        asked.add(name.group());
      }
    }
    assertTrue(asked.size() >= 15, asked::toString);
    asked.removeAll(served);
    assertEquals(Set.of(), asked, "on the dashboard, but not among the metrics");
  }

  private static Set<String> names(String metrics) {
    return metrics.lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[ {]", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void aScrapeHasEachOfTenThousandPeers() throws Exception {
    for (int i = 0; i < MANY; i++) {
      byte[] key = ByteBuffer.allocate(32).putInt(i + 1).array();
      alice.change(PublicKey.of(key), new PeerChange().allow(IpAddress.v4(0x0b000000 + i)));
    }
    assertEquals(MANY + 1, get("/metrics").lines().filter(line -> line.startsWith("wireguard_sent_bytes_total{")).count());
  }
}
