package io.latticegate.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DerivedMetricsTest {
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private void count(String status, String type, double amount) {
        Counter.builder("own.requests")
                .tags("status", status, "type", type)
                .register(metrics)
                .increment(amount);
    }

    @Test
    void countsTheSameUnderAnotherName() {
        DerivedMetrics.of(metrics.getPrometheusRegistry())
                .counter("other_requests", "All", "own_requests", labels -> true)
                .counter("other_good", "Good", "own_requests", labels -> "200".equals(labels.get("status")))
                .counterBy("type", "other_types", "By type", "own_requests")
                .difference("other_rest", "Rest", "own_requests", "own_hits")
                .gauge("other_gauge", "Gauge", () -> 4.5)
                .counter("other_kept", "Kept elsewhere", () -> 9)
                .register();
        assertThat(metrics.scrape())
                .contains("other_requests_total 0.0", "other_rest_total 0.0", "other_gauge 4.5", "other_kept_total 9.0")
                .doesNotContain("other_types_total{");

        count("200", "a", 3);
        count("500", "b", 2);
        count("500", "a", 1);
        Counter.builder("own.hits").register(metrics).increment(2);

        assertThat(metrics.scrape())
                .contains(
                        "other_requests_total 6.0",
                        "other_good_total 3.0",
                        "other_types_total{type=\"a\"} 4.0",
                        "other_types_total{type=\"b\"} 2.0",
                        "other_rest_total 4.0",
                        "# TYPE other_requests_total counter",
                        "# HELP other_requests_total All");
    }

    @Test
    void addsUpAllSeriesOfAHistogram() {
        DerivedMetrics.of(metrics.getPrometheusRegistry())
                .histogram("other_seconds", "Durations", "own_duration_seconds")
                .register();
        assertThat(metrics.scrape()).doesNotContain("other_seconds");
        for (String surface : new String[] {"x", "y"}) {
            Timer timer = Timer.builder("own.duration")
                    .tag("surface", surface)
                    .serviceLevelObjectives(Duration.ofMillis(100), Duration.ofSeconds(1))
                    .register(metrics);
            timer.record(Duration.ofMillis(50));
            timer.record(Duration.ofMillis(500));
        }
        assertThat(metrics.scrape())
                .contains(
                        "# TYPE other_seconds histogram",
                        "other_seconds_bucket{le=\"0.1\"} 2",
                        "other_seconds_bucket{le=\"1.0\"} 4",
                        "other_seconds_bucket{le=\"+Inf\"} 4",
                        "other_seconds_count 4",
                        "other_seconds_sum 1.1");
    }
}
