<<<<<<< HEAD
/**
 * The life of one endpoint process: claims the name, opens the ports, joins them by a device, sets up the host, serves the
 * UAPI socket, and puts everything back. May use everything but cli.
 */
=======
/** What an endpoint is to the rest of the host while it runs: one process, found by its interface's name. */
>>>>>>> uapi
@org.jspecify.annotations.NullMarked
package dev.jwg.daemon;
