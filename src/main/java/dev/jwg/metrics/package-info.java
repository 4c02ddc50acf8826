/**
 * What a running endpoint shows over HTTP: metrics for Prometheus, and whether it is alive and ready. The only user of
 * Prometheus' client and of the JDK's HTTP server; nothing here is loaded unless it was asked for. Uses device's
 * statistics, and the rule of health.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.metrics;
