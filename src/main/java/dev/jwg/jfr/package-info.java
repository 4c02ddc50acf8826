/**
 * Events for the JDK's flight recorder: what handshakes became, sessions installed, packets dropped. Without a recording,
 * and on a runtime without the module jdk.jfr, they cost nothing. The only user of jdk.jfr; uses crypto for peers' names.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.jfr;
