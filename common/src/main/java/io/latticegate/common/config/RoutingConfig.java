package io.latticegate.common.config;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * How a request finds one of the targets that its model names, and what happens when a target fails.
 *
 * @param strategy chooses among the targets that can take the request
 * @param failoverEnabled whether a request whose target failed before the first byte may go to another target of its model
 * @param healthCheckInterval between two checks whether a provider can be reached; zero: no checks
 * @param retryBudget attempts beyond a request's first, as a share of all requests
 */
public record RoutingConfig(
        Strategy strategy,
        boolean failoverEnabled,
        Duration healthCheckInterval,
        CircuitBreaker circuitBreaker,
        BigDecimal retryBudget) {
    private static final Range<Duration> INTERVAL = Range.of(Duration.ZERO, Duration.ofHours(1));
    private static final Range<BigDecimal> BUDGET = new Range<>(BigDecimal.ZERO, BigDecimal.ONE, SettingType.DECIMAL);

    public RoutingConfig {
        INTERVAL.check("health_check_interval", healthCheckInterval);
        BUDGET.check("retry_budget", retryBudget);
        IllegalSetting.unless(
                healthCheckInterval.isZero() || healthCheckInterval.compareTo(Duration.ofSeconds(1)) >= 0,
                "health_check_interval",
                "must be 0 or at least 1s");
    }

    /** What makes one target better than another. */
    public enum Strategy {
        /** Each in turn. */
        ROUND_ROBIN,
        /** At random, in proportion to the weights. */
        WEIGHTED,
        /** The faster of two that are drawn at random. */
        PERFORMANCE,
        /** The cheapest; among equals the first in the list. */
        COST_OPTIMIZED,
        /** The one that failed least of late. */
        HEALTH_BASED,
        /** The one that was used least of late, in proportion to the weights. */
        USAGE
    }

    /**
     * When a target is left alone.
     *
     * @param failures in a row that open the breaker
     * @param cooldown until one request may try the target again
     */
    public record CircuitBreaker(int failures, Duration cooldown) {
        private static final Range<Integer> FAILURES = Range.of(1, 1_000);
        private static final Range<Duration> COOLDOWN = Range.of(Duration.ofMillis(100), Duration.ofHours(1));

        public CircuitBreaker {
            FAILURES.check("failures", failures);
            COOLDOWN.check("cooldown", cooldown);
        }

        static CircuitBreaker from(ConfigNode node) {
            return new CircuitBreaker(
                    node.get(
                            "failures",
                            SettingType.INTEGER,
                            5,
                            FAILURES,
                            "Failed requests in a row after which a target is left alone"),
                    node.get(
                            "cooldown",
                            SettingType.DURATION,
                            Duration.ofSeconds(30),
                            COOLDOWN,
                            "How long it is left alone; then one request tries it"));
        }
    }

    static RoutingConfig from(ConfigNode node) {
        return new RoutingConfig(
                node.get(
                        "strategy",
                        SettingType.choice(Strategy.class),
                        Strategy.COST_OPTIMIZED,
                        "Chooses among a model's targets; cost_optimized keeps their order where no prices differ"),
                node.get(
                        "failover_enabled",
                        SettingType.FLAG,
                        true,
                        "Whether a request may go to another target of its model when one fails before the first byte"),
                node.get(
                        "health_check_interval",
                        SettingType.DURATION_OR_MILLIS,
                        Duration.ofSeconds(30),
                        INTERVAL,
                        "Between two checks whether a provider can be reached; 0s: none"),
                node.section("circuit_breaker", CircuitBreaker::from),
                node.get(
                        "retry_budget",
                        SettingType.DECIMAL,
                        new BigDecimal("0.1"),
                        BUDGET,
                        "Attempts beyond the first, as a share of the requests; a few a second are always allowed, unless 0"));
    }
}
