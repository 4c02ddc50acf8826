/**
 * Configuration text as changes to a device, the way each subcommand of wg(8) means it, with endpoints resolved. May use
 * config, device's value records, crypto's keys, net and route.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.change;
