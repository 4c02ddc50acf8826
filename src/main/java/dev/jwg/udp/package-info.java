/** The port to the outside: UDP sockets for both families on one port number. May use net and linux. */
@org.jspecify.annotations.NullMarked
package dev.jwg.udp;
