package dev.jwg.testing;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Looks for a secret's bytes in all arrays that an object holds, whether as bytes or as the little-endian words of a
 * cipher's state. The JDK's own objects are closed to it.
 */
public final class SecretSearch {
  private SecretSearch() {}

  /** True if {@code secret}, or its first or second half, lies in an array that can be reached from {@code root}. */
  public static boolean finds(byte[] secret, Object root) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Object> open = new ArrayDeque<>();
    open.add(root);
    while (!open.isEmpty()) {
      Object object = open.remove();
      if (!seen.add(object)) {
        continue;
      }
      if (object instanceof byte[] bytes) {
        if (contains(bytes, secret)) {
          return true;
        }
      } else if (object instanceof int[] words) {
        ByteBuffer buffer = ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(words);
        if (contains(buffer.array(), secret)) {
          return true;
        }
      } else {
        addFields(object, open);
      }
    }
    return false;
  }

  private static void addFields(Object object, ArrayDeque<Object> open) {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      if (type.getName().startsWith("java.") || type.getName().startsWith("javax.") || type.isArray()) {
        return;
      }
      Field[] fields = type.getDeclaredFields();
      AccessibleObject.setAccessible(fields, true);
      for (Field field : fields) {
        addValue(field, object, open);
      }
    }
  }

  private static void addValue(Field field, Object object, ArrayDeque<Object> open) {
    if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
      return;
    }
    try {
      Object value = field.get(object);
      if (value != null) {
        open.add(value);
      }
    } catch (IllegalAccessException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static boolean contains(byte[] bytes, byte[] secret) {
    int half = secret.length / 2;
    return indexOf(bytes, secret, 0, half) || indexOf(bytes, secret, half, half);
  }

  private static boolean indexOf(byte[] bytes, byte[] part, int from, int length) {
    for (int start = 0; start + length <= bytes.length; start++) {
      int same = 0;
      while (same < length && bytes[start + same] == part[from + same]) {
        same++;
      }
      if (same == length) {
        return true;
      }
    }
    return false;
  }
}
