/**
 * Whether an endpoint is ready, by one rule for all who ask; and the command that asks, made of what the JDK has in its
 * archive of preloaded classes, since it is run every few seconds. Depends on nothing.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.health;
