/** What an endpoint is to the rest of the host while it runs: one process, found by its interface's name. */
@org.jspecify.annotations.NullMarked
package dev.jwg.daemon;
