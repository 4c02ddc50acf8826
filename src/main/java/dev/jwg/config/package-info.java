/** Configuration text of wg(8) and wg-quick(8): values, parser, printer, files. May use net, route and crypto. */
@org.jspecify.annotations.NullMarked
package dev.jwg.config;
