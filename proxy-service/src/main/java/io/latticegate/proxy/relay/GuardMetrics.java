package io.latticegate.proxy.relay;

import io.latticegate.proxy.guard.Rule;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Counts what guards find and what webhooks say; labels are names of the configuration and closed sets. */
public final class GuardMetrics {
    private final MeterRegistry registry;

    public GuardMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void found(Rule rule, String side, int count) {
        Counter.builder("latticegate.guard.findings")
                .description("What guards have found in prompts and answers")
                .tags(
                        "policy",
                        rule.policy(),
                        "recogniser",
                        rule.recogniser(),
                        "action",
                        rule.action().name().toLowerCase(Locale.ROOT),
                        "side",
                        side)
                .register(registry)
                .increment(count);
    }

    /** @param outcome {@code allowed}, {@code blocked} or {@code failed} */
    void asked(String policy, String outcome, long elapsedNanos) {
        Timer.builder("latticegate.guard.webhook")
                .description("Questions to guard webhooks, by what they said")
                .tags("policy", policy, "outcome", outcome)
                .register(registry)
                .record(elapsedNanos, TimeUnit.NANOSECONDS);
    }
}
