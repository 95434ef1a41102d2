package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the attempts of requests by provider and by how they ended, and what further attempts did. Labels come from the
 * configuration and from {@link ProviderError.Kind}, so their number is bounded. Confined to one event loop.
 */
public final class AttemptMetrics {
    private final MeterRegistry registry;
    private final Counter retries;
    private final Counter denied;
    private final Counter continued;
    private final Counter abandoned;
    private final Map<Key, Counter> attempts = new HashMap<>();

    private record Key(String provider, String outcome) {}

    public AttemptMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.retries = Counter.builder("gateway.retries")
                .description("Attempts that followed one which had failed")
                .register(registry);
        this.denied = Counter.builder("gateway.retries.denied")
                .description("Attempts that the retry budget of the process did not allow")
                .register(registry);
        this.continued = continuations("continued");
        this.abandoned = continuations("abandoned");
    }

    private Counter continuations(String result) {
        return Counter.builder("gateway.continuations")
                .description("Streamed texts that broke off and could be gone on with, by whether they were")
                .tag("result", result)
                .register(registry);
    }

    /** @param error why it failed, or null */
    void ended(String provider, Outcome outcome, @Nullable ProviderError error) {
        String label = error != null
                ? error.kind().name().toLowerCase(Locale.ROOT)
                : switch (outcome) {
                    case SUCCESS -> "success";
                    case FAILURE, DENIED -> "cancelled";
                    case ERROR -> "broken_off";
                };
        attempts.computeIfAbsent(new Key(provider, label), this::create).increment();
    }

    /**
     * A further attempt follows, or would have.
     *
     * @param allowed by the retry budget of the process
     */
    void retry(boolean allowed) {
        (allowed ? retries : denied).increment();
    }

    /** @param another whether another attempt goes on */
    void brokeOff(boolean another) {
        (another ? continued : abandoned).increment();
    }

    private Counter create(Key key) {
        return Counter.builder("gateway.provider.attempts")
                .description("Attempts at providers by how they ended")
                .tags("provider", key.provider, "outcome", key.outcome)
                .register(registry);
    }
}
