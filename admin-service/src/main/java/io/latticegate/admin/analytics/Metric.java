package io.latticegate.admin.analytics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a series shows. */
public enum Metric {
    REQUESTS("requests"),
    /** Requests that did not succeed. */
    ERRORS("requests - r.succeeded"),
    TOKENS_IN("tokens_in"),
    TOKENS_OUT("tokens_out"),
    TOKENS_CACHED("tokens_cached"),
    /** In US dollars. */
    COST("cost_micro_usd"),
    LATENCY_P50(0.50),
    LATENCY_P95(0.95),
    LATENCY_P99(0.99),
    CACHE_HITS("cache_hits"),
    /** In US dollars. */
    CACHE_SAVED_USD("saved_micro_usd");

    private final String expression;
    private final @Nullable Double share;

    Metric(String expression) {
        this.expression = expression;
        this.share = null;
    }

    Metric(double share) {
        this.expression = "requests";
        this.share = share;
    }

    /** The sum over rows {@code r}; of latencies that of the requests, by which they are ordered. */
    String sum() {
        return "SUM(r." + expression + ")";
    }

    /** Whether it is a quantile and not a sum. */
    public boolean isLatency() {
        return share != null;
    }

    /** The quantile's share; only of latencies. */
    double share() {
        if (share == null) {
            throw new IllegalStateException(this + " is a sum");
        }
        return share;
    }

    /** Whether values are millionths of a US dollar. */
    public boolean isMoney() {
        return this == COST || this == CACHE_SAVED_USD;
    }

    /** The lower-case word of the wire format. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The metric of that {@link #wireName()}. */
    public static Optional<Metric> named(String wireName) {
        return Arrays.stream(values())
                .filter(metric -> metric.wireName().equals(wireName))
                .findFirst();
    }
}
