package dev.jwg.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.testing.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecordTest {

  private static List<RecordedEvent> record(Path folder, Runnable action) throws Exception {
    Path file = folder.resolve("flight.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jwg.Handshake");
      recording.enable("jwg.Session");
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private static List<String> told(List<RecordedEvent> events, String peer) {
    return events.stream()
        .filter(event -> peer.equals(event.getString("peer")))
        .map(
            event ->
                event.getEventType().getName().equals("jwg.Session")
                    ? event.getString("role") + (event.getBoolean("rekey") ? " session by rekey" : " session")
                    : event.getString("role") + " " + event.getString("outcome") + " " + took(event))
        .toList();
  }

  private static long took(RecordedEvent event) {
    return event.getDuration("took").toMillis();
  }

  @Test
  void handshakesAndSessionsAreRecordedOnBothSides(@TempDir Path folder) throws Exception {
    World world = new World(8);
    List<RecordedEvent> events =
        record(
            folder,
            () -> {
              world.wire().delay(Duration.ofMillis(10));
              world.exchange(world.alice(), world.bob());
              world.advance(Duration.ofMillis(100));
              world.advanceSeconds(121);
              world.exchange(world.alice(), world.bob());
              world.advance(Duration.ofMillis(100));
            });
    assertEquals(
        List.of(
            "INITIATOR session", "INITIATOR COMPLETED 20", "INITIATOR session by rekey", "INITIATOR COMPLETED 20"),
        told(events, world.bob().publicKey().toBase64()));
    assertEquals(
        List.of(
            "RESPONDER session", "RESPONDER COMPLETED 20", "RESPONDER session by rekey", "RESPONDER COMPLETED 20"),
        told(events, world.alice().publicKey().toBase64()));
  }

  @Test
  void anInitiationWithoutAnAnswerIsRecordedWhenTheNextOneIsSent(@TempDir Path folder) throws Exception {
    World world = new World(9);
    world.wire().copies(datagram -> 0);
    List<RecordedEvent> events =
        record(
            folder,
            () -> {
              world.exchange(world.alice(), world.bob());
              world.advanceSeconds(6);
            });
    List<String> told = told(events, world.bob().publicKey().toBase64());
    assertEquals(1, told.size(), told::toString);
    assertTrue(told.get(0).matches("INITIATOR NO_ANSWER 5\\d{3}"), told.get(0));
  }

  @Test
  void dropsAreRecordedByTheirIncrease() throws Exception {
    AtomicLong badTags = new AtomicLong(5);
    Runnable end = FlightRecord.drops(() -> Map.of("bad_tag", badTags.get(), "replayed", 3L));
    CompletableFuture<RecordedEvent> first = new CompletableFuture<>();
    try (RecordingStream stream = new RecordingStream()) {
      stream.enable("jwg.Drops").withPeriod(Duration.ofMillis(20));
      stream.onEvent("jwg.Drops", first::complete);
      stream.startAsync();
      badTags.addAndGet(7);
      RecordedEvent event = first.get(60, TimeUnit.SECONDS);
      assertEquals("bad_tag", event.getString("reason"));
      assertEquals(7, event.getLong("count"));
    } finally {
      end.run();
    }
  }
}
