/** Cryptokey routing: prefixes, validated views of inner packets, the allowed-IPs trie. May use net. */
@org.jspecify.annotations.NullMarked
package dev.jwg.route;
