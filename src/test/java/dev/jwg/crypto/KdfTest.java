package dev.jwg.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Expected values come from Python's hmac with digestmod blake2s. */
final class KdfTest {
  private static final byte[] KEY =
      HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  private static final byte[] INPUT =
      HexFormat.of().parseHex("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
  private static final List<String> OUTPUTS =
      List.of(
          "6a96444e20e8d4c1cee974416acae1c10b3c92886010e54ed94dafb2c3b80ea0",
          "57af120b0de7acbe7907ec149c5ae870a2dbb74232b65777ba4123f1f7f888f5",
          "0926c7caabb6e8d73beda759e6f4f0d324ce5b5000bcf8cd784b26db3049faa9");

  @Test
  void oneOutput() {
    assertEquals(OUTPUTS.subList(0, 1), hex(Kdf.kdf1(KEY, INPUT)));
  }

  @Test
  void twoOutputsStartWithTheSameOne() {
    assertEquals(OUTPUTS.subList(0, 2), hex(Kdf.kdf2(KEY, INPUT)));
  }

  @Test
  void threeOutputs() {
    assertEquals(OUTPUTS, hex(Kdf.kdf3(KEY, INPUT)));
  }

  private static List<String> hex(byte[]... outputs) {
    return Stream.of(outputs).map(HexFormat.of()::formatHex).toList();
  }
}
