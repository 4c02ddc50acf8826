/** Time as an argument: the clock and the timer that the device is given. Depends on nothing. */
@org.jspecify.annotations.NullMarked
package dev.jwg.time;
