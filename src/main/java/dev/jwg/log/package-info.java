/**
 * Where all that is logged by SLF4J's API goes: to standard error, an event a line, as text or as JSON. Depends on
 * nothing. slf4j-simple writes no JSON; java.util.logging takes its handlers away in a shutdown hook of its own, just when
 * an endpoint tells how it goes down; Logback is as large as half of jwg.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.log;
