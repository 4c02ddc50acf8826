/** Values that both ports and everything above them speak: addresses, endpoints, batches. Depends on nothing. */
@org.jspecify.annotations.NullMarked
package dev.jwg.net;
