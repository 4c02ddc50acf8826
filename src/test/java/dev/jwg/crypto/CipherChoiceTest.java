package dev.jwg.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.crypto.CipherChoice.Implementation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CipherChoiceTest {
  @Test
  void theJdksIsExpectedToWinWhereItIsVectorised() {
    assertEquals(Implementation.OURS, CipherChoice.expected(17).few());
    assertEquals(Implementation.JDK, CipherChoice.expected(21).few());
  }

  @Test
  void eachKindOfPacketsGoesItsWay() {
    List<String> calls = new ArrayList<>();
    TransportCipher cipher =
        new MixedTransportCipher(new Told("small", calls), new Told("few", calls), new Told("many", calls));
    int[] lengths = {384, 0, 385, 1424, 64, 400, 400, 400, 400, 400, 400, 400, 1000};
    cipher.seal(new byte[0], new int[13], lengths, 0, 13, 100);
    assertEquals(
        List.of("small seals 0 to 2 from 100", "few seals 2 to 4 from 102", "small seals 4 to 5 from 104",
            "many seals 5 to 13 from 105"),
        calls);

    calls.clear();
    int[] sealedLengths = Arrays.stream(lengths).map(length -> length + TransportCipher.TAG_LENGTH).toArray();
    cipher.open(new byte[0], new int[13], sealedLengths, new long[13], 1, 13, new boolean[13]);
    assertEquals(
        List.of("small opens 1 to 2", "few opens 2 to 4", "small opens 4 to 5", "many opens 5 to 13"), calls);

    calls.clear();
    cipher.erase();
    assertEquals(List.of("small erased", "few erased", "many erased"), calls);

    calls.clear();
    cipher.wipe();
    assertEquals(List.of("small wiped", "few wiped", "many wiped"), calls);
  }

  /** Notes what it is asked to do. */
  private record Told(String name, List<String> calls) implements TransportCipher {
    @Override
    public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
      calls.add(name + " seals " + from + " to " + to + " from " + firstCounter);
    }

    @Override
    public void open(
        byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
      calls.add(name + " opens " + from + " to " + to);
    }

    @Override
    public void erase() {
      calls.add(name + " erased");
    }

    @Override
    public void wipe() {
      calls.add(name + " wiped");
    }
  }
}
