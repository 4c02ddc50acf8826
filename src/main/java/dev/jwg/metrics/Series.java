package dev.jwg.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/** A metric under construction: one name, a point for each combination of labels. */
sealed interface Series {
  /** Prometheus knows floating point only: exact up to eight petabytes. */
  void add(long value, Labels labels);

  MetricSnapshot snapshot();

  /** What only grows; the name goes without the {@code _total} that every counter ends in. */
  record Counter(MetricMetadata metadata, List<CounterDataPointSnapshot> points) implements Series {
    Counter(String name, String help) {
      this(new MetricMetadata(name, help), new ArrayList<>());
    }

    @Override
    public void add(long value, Labels labels) {
      points.add(new CounterDataPointSnapshot((double) value, labels, null, 0));
    }

    @Override
    public MetricSnapshot snapshot() {
      return new CounterSnapshot(metadata, points);
    }
  }

  /** What rises and falls. */
  record Gauge(MetricMetadata metadata, List<GaugeDataPointSnapshot> points) implements Series {
    Gauge(String name, String help) {
      this(new MetricMetadata(name, help), new ArrayList<>());
    }

    @Override
    public void add(long value, Labels labels) {
      points.add(new GaugeDataPointSnapshot((double) value, labels, null));
    }

    @Override
    public MetricSnapshot snapshot() {
      return new GaugeSnapshot(metadata, points);
    }
  }
}
