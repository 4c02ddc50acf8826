package dev.jwg.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MessageTypeTest {
  private static final int OFFSET = 5;

  @ParameterizedTest
  @CsvSource({"1, 148, INITIATION", "2, 92, RESPONSE", "3, 64, COOKIE_REPLY"})
  void handshakeMessagesHaveOneLengthOnly(int code, int exact, MessageType type) {
    for (int length = 0; length <= 300; length++) {
      assertEquals(length == exact ? type : null, classify(code, length), "length " + length);
    }
  }

  @Test
  void transportDataIsAtLeastAKeepalive() {
    for (int length = 0; length <= 1500; length++) {
      assertEquals(length >= 32 ? MessageType.TRANSPORT_DATA : null, classify(4, length), "length " + length);
    }
  }

  @Test
  void otherTypesAreNoMessages() {
    for (int code = 0; code < 256; code++) {
      if (code < 1 || code > 4) {
        for (int length : new int[] {32, 64, 92, 148}) {
          assertNull(classify(code, length), "type " + code);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 148", "2, 92", "3, 64", "4, 32"})
  void reservedBytesAreZero(int code, int length) {
    for (int bit = 8; bit < 32; bit++) {
      assertNull(classify(code | (1 << bit), length), "bit " + bit);
    }
  }

  private static @Nullable MessageType classify(int header, int length) {
    byte[] bytes = new byte[OFFSET + Math.max(length, 4)];
    LittleEndian.putInt(bytes, OFFSET, header);
    return MessageType.classify(bytes, OFFSET, length);
  }
}
