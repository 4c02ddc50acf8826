/** The wire: layouts of the four messages and the limits of the whitepaper. Depends on nothing. */
@org.jspecify.annotations.NullMarked
package dev.jwg.protocol;
