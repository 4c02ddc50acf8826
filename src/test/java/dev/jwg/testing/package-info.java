/** Ports, time and wire in memory, and the parties that tests let meet on them. Test scope; may use everything. */
@org.jspecify.annotations.NullMarked
package dev.jwg.testing;
