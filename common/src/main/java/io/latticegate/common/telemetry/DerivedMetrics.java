package io.latticegate.common.telemetry;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is measured already, once more under other names: computed from the measurements when they are read, so that a further
 * name costs a request nothing and never differs from its origin. Names are given as Prometheus prints them, those of counters
 * without {@code _total}.
 */
public final class DerivedMetrics implements MultiCollector {
    private final PrometheusRegistry registry;
    private final List<Definition> definitions;
    private final List<String> names;
    private final Set<String> origins;

    private record Definition(String name, Computation computation) {}

    /** Makes a metric out of its origins, by name; null where nothing was measured yet. */
    @FunctionalInterface
    private interface Computation {
        @Nullable
        MetricSnapshot of(Map<String, MetricSnapshot> origins);
    }

    private DerivedMetrics(PrometheusRegistry registry, List<Definition> definitions, Set<String> origins) {
        this.registry = registry;
        this.definitions = List.copyOf(definitions);
        this.names = definitions.stream().map(Definition::name).toList();
        this.origins = Set.copyOf(origins);
    }

    public static Builder of(PrometheusRegistry registry) {
        return new Builder(registry);
    }

    /** Collects definitions. */
    public static final class Builder {
        private final PrometheusRegistry registry;
        private final List<Definition> definitions = new ArrayList<>();
        private final Set<String> origins = new HashSet<>();

        private Builder(PrometheusRegistry registry) {
            this.registry = registry;
        }

        /** The sum of all series of a counter whose labels are accepted; 0 before there are any. */
        public Builder counter(String name, String help, String origin, Predicate<Labels> accepted) {
            return add(
                    name,
                    Set.of(origin),
                    found -> snapshot(name, help, Map.of(Labels.EMPTY, sum(found.get(origin), accepted))));
        }

        /** The sums of a counter by one of its labels; absent before there is a series. */
        public Builder counterBy(String label, String name, String help, String origin) {
            return add(name, Set.of(origin), found -> {
                Map<Labels, Double> sums = new TreeMap<>();
                for (CounterDataPointSnapshot series : series(found.get(origin))) {
                    String value = series.getLabels().get(label);
                    if (value != null) {
                        sums.merge(Labels.of(label, value), series.getValue(), Double::sum);
                    }
                }
                return sums.isEmpty() ? null : snapshot(name, help, sums);
            });
        }

        /** A counter less others, never below 0. */
        public Builder difference(String name, String help, String origin, String... less) {
            Set<String> all = new HashSet<>(Set.of(less));
            all.add(origin);
            return add(name, all, found -> {
                double rest = sum(found.get(origin), labels -> true);
                for (String one : less) {
                    rest -= sum(found.get(one), labels -> true);
                }
                return snapshot(name, help, Map.of(Labels.EMPTY, Math.max(0, rest)));
            });
        }

        /** A counter whose value something else keeps. */
        public Builder counter(String name, String help, DoubleSupplier value) {
            return add(name, Set.of(), found -> snapshot(name, help, Map.of(Labels.EMPTY, value.getAsDouble())));
        }

        public Builder gauge(String name, String help, DoubleSupplier value) {
            return add(
                    name,
                    Set.of(),
                    found -> GaugeSnapshot.builder()
                            .name(name)
                            .help(help)
                            .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                    .value(value.getAsDouble())
                                    .build())
                            .build());
        }

        /** All series of a histogram in one; absent before there is one. All series have the same buckets. */
        public Builder histogram(String name, String help, String origin) {
            return add(name, Set.of(origin), found -> {
                HistogramDataPointSnapshot whole =
                        found.get(origin) instanceof HistogramSnapshot histogram ? whole(histogram) : null;
                return whole == null
                        ? null
                        : HistogramSnapshot.builder()
                                .name(name)
                                .help(help)
                                .dataPoint(whole)
                                .build();
            });
        }

        private Builder add(String name, Set<String> from, Computation computation) {
            definitions.add(new Definition(name, computation));
            origins.addAll(from);
            return this;
        }

        /** Registers them. */
        public void register() {
            registry.register(new DerivedMetrics(registry, definitions, origins));
        }
    }

    @Override
    public List<String> getPrometheusNames() {
        return names;
    }

    @Override
    public MetricSnapshots collect() {
        Map<String, MetricSnapshot> found = new HashMap<>();
        for (MetricSnapshot snapshot : registry.scrape(origins::contains)) {
            found.put(snapshot.getMetadata().getPrometheusName(), snapshot);
        }
        List<MetricSnapshot> derived = new ArrayList<>();
        for (Definition definition : definitions) {
            MetricSnapshot snapshot = definition.computation.of(found);
            if (snapshot != null) {
                derived.add(snapshot);
            }
        }
        return new MetricSnapshots(derived);
    }

    private static List<CounterDataPointSnapshot> series(@Nullable MetricSnapshot snapshot) {
        return snapshot instanceof CounterSnapshot counter ? counter.getDataPoints() : List.of();
    }

    private static double sum(@Nullable MetricSnapshot snapshot, Predicate<Labels> accepted) {
        double sum = 0;
        for (CounterDataPointSnapshot one : series(snapshot)) {
            if (accepted.test(one.getLabels())) {
                sum += one.getValue();
            }
        }
        return sum;
    }

    private static CounterSnapshot snapshot(String name, String help, Map<Labels, Double> values) {
        CounterSnapshot.Builder snapshot = CounterSnapshot.builder().name(name).help(help);
        values.forEach((labels, value) -> snapshot.dataPoint(
                CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
        return snapshot.build();
    }

    private static @Nullable HistogramDataPointSnapshot whole(HistogramSnapshot histogram) {
        Map<Double, Long> counts = new TreeMap<>();
        double sum = 0;
        for (HistogramDataPointSnapshot series : histogram.getDataPoints()) {
            ClassicHistogramBuckets buckets = series.getClassicBuckets();
            for (int i = 0; i < buckets.size(); i++) {
                counts.merge(buckets.getUpperBound(i), buckets.getCount(i), Long::sum);
            }
            sum += series.getSum();
        }
        if (counts.isEmpty()) {
            return null;
        }
        return HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(
                        ClassicHistogramBuckets.of(List.copyOf(counts.keySet()), List.copyOf(counts.values())))
                .sum(sum)
                .build();
    }
}
