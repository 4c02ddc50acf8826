package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DataShardsTest {
  @Test
  void fewCoresGetOneShardAndMoreOneForEveryTwoUpToEight() {
    int[] cores = {1, 2, 3, 4, 5, 8, 15, 16, 17, 128};
    int[] shards = {1, 1, 1, 2, 2, 4, 7, 8, 8, 8};
    for (int i = 0; i < cores.length; i++) {
      assertEquals(shards[i], DataShards.defaultFor(cores[i]), cores[i] + " cores");
    }
  }

  @Test
  void threadsAreNumberedWhereThereAreMany() throws Exception {
    assertEquals(List.of("jwg-data"), threadNames(1));
    assertEquals(List.of("jwg-data-0", "jwg-data-1", "jwg-data-2"), threadNames(3));
  }

  private static List<String> threadNames(int count) throws Exception {
    try (DataShards shards = new DataShards(bug -> {})) {
      List<CompletableFuture<String>> names =
          shards.start(count).stream()
              .map(loop -> CompletableFuture.supplyAsync(() -> Thread.currentThread().getName(), loop))
              .toList();
      CompletableFuture.allOf(names.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
      return names.stream().map(CompletableFuture::join).toList();
    }
  }
}
