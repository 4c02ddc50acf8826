/** Keys and primitives; the only user of BouncyCastle and javax.crypto. Depends on nothing of ours. */
@org.jspecify.annotations.NullMarked
package dev.jwg.crypto;
