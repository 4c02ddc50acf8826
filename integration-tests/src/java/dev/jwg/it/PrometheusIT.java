package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A Prometheus scrapes an endpoint, and answers what the dashboard asks of it. */
@NetworkTest
final class PrometheusIT {
  private static final String AT = "http://127.0.0.1:9090/api/v1/query";
  private static final Duration SCRAPED = Duration.ofSeconds(30);

  /** Its series begin with the first failure, of which there is none here. */
  private static final String FAILURES = "jwg_handshake_failures_total";

  private static final String CONFIGURATION = """
      global:
        scrape_interval: 1s
      scrape_configs:
        - job_name: jwg
          static_configs:
            - targets: ["127.0.0.1:9586"]
      """;

  @Test
  void theSeriesOfAnEndpointAreFound(Lab lab) throws IOException {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    Side caller = tunnel.initiator();
    String file = lab.file(Side.DEVICE + ".conf",
        caller.interfaceSection() + "Address = " + caller.inner4() + "/24\n" + tunnel.peerOf(caller)).toString();
    Running up = caller.host().start(Software.jwg("up", file, "--metrics").toArray(String[]::new));
    up.awaitLine(Jwg.READY, Jwg.START);
    tunnel.create(tunnel.responder());
    caller.ping(tunnel.responder().inner4());
    start(lab, caller.host());

    String received = "wireguard_received_bytes_total{public_key=\"" + tunnel.responder().publicKey() + "\"} > 0";
    Await.until("the peer's bytes are there", SCRAPED, () -> !query(caller.host(), received).isEmpty());
    String scraped = "min(count_over_time(wireguard_received_bytes_total[1m])) > 1";
    Await.until("there is a second scrape, which rates need", SCRAPED, () -> !query(caller.host(), scraped).isEmpty());
    assertEquals(1, query(caller.host(), "up == 1").size());

    List<String> expressions = new ArrayList<>();
    addExpressions(JsonParser.parseString(Files.readString(Path.of("docker/grafana-dashboard.json"))), expressions);
    assertTrue(expressions.size() > 10, expressions::toString);
    for (String expression : expressions) {
      String asked = expression
          .replaceAll("\\$(interface|instance)", ".*")
          .replace("$__rate_interval", "1m")
          .replaceAll(" > 0$", "");
      assertTrue(!query(caller.host(), asked).isEmpty() || asked.contains(FAILURES), () -> "nothing for " + asked);
    }
  }

  private static void start(Lab lab, Host host) {
    String cache = System.getenv().getOrDefault("JWG_CACHE", System.getProperty("user.home") + "/.cache/jwg");
    Running prometheus = host.start(cache + "/prometheus/usr/bin/prometheus",
        "--config.file=" + lab.file("prometheus.yml", CONFIGURATION), "--storage.tsdb.path=/run/prometheus",
        "--web.listen-address=127.0.0.1:9090");
    prometheus.awaitLine("Server is ready to receive web requests", SCRAPED);
  }

  /** The series that the expression selects now. */
  private static JsonArray query(Host host, String expression) {
    String answer = host.ok("curl", "-sS", "--get", "--data-urlencode", "query=" + expression, AT);
    JsonObject parsed = JsonParser.parseString(answer).getAsJsonObject();
    assertEquals("success", parsed.get("status").getAsString(), answer);
    return parsed.getAsJsonObject("data").getAsJsonArray("result");
  }

  private static void addExpressions(JsonElement json, List<String> found) {
    if (json.isJsonArray()) {
      json.getAsJsonArray().forEach(element -> addExpressions(element, found));
    } else if (json.isJsonObject()) {
      json.getAsJsonObject().asMap().forEach((name, value) -> {
        if (name.equals("expr")) {
          found.add(value.getAsString());
        }
        addExpressions(value, found);
      });
    }
  }
}
