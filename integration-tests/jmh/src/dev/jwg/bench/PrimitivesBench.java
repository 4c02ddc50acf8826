package dev.jwg.bench;

import dev.jwg.crypto.Aead;
import dev.jwg.crypto.Blake2s;
import dev.jwg.crypto.Kdf;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.protocol.Initiation;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What {@link HandshakeBench} is made of; each method says how many of it one side of a handshake takes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PrimitivesBench {
  private final SecureRandom random = new SecureRandom();
  private final PrivateKey ours = X25519.generate(random);
  private final PublicKey theirs = X25519.publicKey(X25519.generate(random));
  private final byte[] key = new byte[32];
  private final byte[] hash = new byte[Blake2s.HASH_LENGTH];
  private final byte[] message = new byte[Initiation.LENGTH];
  private final byte[] sealed = Aead.seal(key, 0, hash, key);

  /** 1. */
  @Benchmark
  public PrivateKey generatePrivateKey() {
    return X25519.generate(random);
  }

  /** 1. */
  @Benchmark
  public PublicKey publicKey() {
    return X25519.publicKey(ours);
  }

  /** 3. */
  @Benchmark
  public byte[] sharedSecret() {
    return X25519.sharedSecret(ours, theirs);
  }

  /** As many sealed as opened: 3 in all. */
  @Benchmark
  public byte[] openStaticKey() {
    return Aead.open(key, 0, hash, sealed);
  }

  /** 8, of which the one with the preshared key makes three keys instead of two. */
  @Benchmark
  public byte[][] kdf2() {
    return Kdf.kdf2(hash, key);
  }

  /** 7, most of them of 64 bytes. */
  @Benchmark
  public byte[] hash() {
    return Blake2s.hash(hash, key);
  }

  /** 2: one checked and one written. */
  @Benchmark
  public byte[] mac() {
    return Blake2s.mac(key, message, 0, message.length - 2 * Blake2s.MAC_LENGTH);
  }
}
