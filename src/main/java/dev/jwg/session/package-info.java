/**
 * Transport sessions: keys in use, their limits, replay protection, and the index table that finds them. May use crypto,
 * protocol, noise's transport keys and net.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.session;
