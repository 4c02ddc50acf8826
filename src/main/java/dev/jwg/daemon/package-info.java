/**
 * The life of one endpoint process, found by its interface's name: claims the name, opens the ports, joins them by a
 * device, sets up the host, serves the UAPI socket, and puts everything back. May use everything but cli.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.daemon;
