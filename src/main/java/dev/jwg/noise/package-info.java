/** The handshake of whitepaper section 5.4 and its defences against floods. May use crypto, protocol and net. */
@org.jspecify.annotations.NullMarked
package dev.jwg.noise;
