package io.latticegate.common.service;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a process in the form that {@code Accept} asks for (RFC 9110 section 12.5.1): Prometheus' text format 0.0.4
 * unless something else is preferred to it, OpenMetrics 1.0 with exemplars, or the few numbers of sofatutor/llm-proxy's
 * {@code /metrics} as JSON.
 */
final class MetricsPage {
    private static final int ACCEPT_LENGTH_MAX = 2_048;
    private static final String SEED_PREFIX = "llm_proxy_";

    /** Member of the JSON form, by the metric that it shows. */
    private static final Map<String, String> SEED_MEMBERS = new TreeMap<>(Map.of(
            "uptime_seconds", "llm_proxy_uptime_seconds",
            "request_count", "llm_proxy_requests",
            "error_count", "llm_proxy_errors",
            "cache_hits", "llm_proxy_cache_hits",
            "cache_misses", "llm_proxy_cache_misses",
            "cache_bypass", "llm_proxy_cache_bypass",
            "cache_stores", "llm_proxy_cache_stores"));

    /** What can be answered. */
    enum Form {
        PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
        OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8"),
        JSON("application/json");

        private final String contentType;

        Form(String contentType) {
            this.contentType = contentType;
        }
    }

    private final PrometheusMeterRegistry metrics;

    MetricsPage(PrometheusMeterRegistry metrics) {
        this.metrics = metrics;
    }

    void answer(HttpServerRequest request) {
        Form form = formOf(request.getHeader("Accept"));
        request.response()
                .putHeader("Content-Type", form.contentType)
                .putHeader("Cache-Control", "no-store")
                .putHeader("Vary", "Accept")
                .end(form == Form.JSON ? json().encode() : metrics.scrape(form.contentType));
    }

    /** The form that a client prefers; Prometheus' where it says nothing that is understood. */
    static Form formOf(@Nullable String accept) {
        if (accept == null || accept.length() > ACCEPT_LENGTH_MAX) {
            return Form.PROMETHEUS;
        }
        double text = 0;
        double openMetrics = 0;
        double json = 0;
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            double quality = qualityOf(parts);
            switch (parts[0].strip()) {
                case "text/plain", "text/*", "*/*" -> text = Math.max(text, quality);
                case "application/openmetrics-text" -> openMetrics = Math.max(openMetrics, quality);
                case "application/json" -> json = Math.max(json, quality);
                default -> {}
            }
        }
        if (openMetrics > 0 && openMetrics >= text && openMetrics >= json) {
            return Form.OPEN_METRICS;
        }
        return json > 0 && json >= text ? Form.JSON : Form.PROMETHEUS;
    }

    /** The {@code q} parameter, 1 where there is none, 0 where it is no number between 0 and 1. */
    private static double qualityOf(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                String value = parameter.substring(2);
                return value.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(value) : 0;
            }
        }
        return 1;
    }

    private JsonObject json() {
        Map<String, Double> values = new TreeMap<>();
        for (MetricSnapshot snapshot : metrics.getPrometheusRegistry().scrape(name -> name.startsWith(SEED_PREFIX))) {
            String name = snapshot.getMetadata().getPrometheusName();
            switch (snapshot) {
                case CounterSnapshot counter ->
                    values.put(
                            name,
                            counter.getDataPoints().stream()
                                    .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
                                    .sum());
                case GaugeSnapshot gauge ->
                    values.put(
                            name,
                            gauge.getDataPoints().stream()
                                    .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
                                    .sum());
                default -> {}
            }
        }
        JsonObject page = new JsonObject();
        SEED_MEMBERS.forEach((member, metric) -> {
            double value = values.getOrDefault(metric, 0.0);
            if (member.equals("uptime_seconds")) {
                page.put(member, value);
            } else {
                page.put(member, (long) value);
            }
        });
        return page;
    }
}
