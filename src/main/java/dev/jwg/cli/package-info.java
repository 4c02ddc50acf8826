/** The commands. They talk to a running endpoint through its UAPI socket only. */
@org.jspecify.annotations.NullMarked
package dev.jwg.cli;
