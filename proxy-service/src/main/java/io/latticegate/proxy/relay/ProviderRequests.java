package io.latticegate.proxy.relay;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests that were sent to providers, each once, by the answer's status. Labels are names of the configuration and
 * status codes, so their number is bounded. Confined to one event loop.
 */
public final class ProviderRequests {
    private static final String NONE = "none";
    private static final int STATUS_MIN = 100;
    private static final int STATUS_MAX = 599;

    private final MeterRegistry registry;
    private final Map<String, Map<String, Counter[]>> counters = new HashMap<>();

    public ProviderRequests(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * @param family the configuration's name for where the model is served, or null where the request concerns none
     * @param status 0 where the provider gave none
     */
    void count(String provider, @Nullable String family, int status) {
        String model = family == null ? NONE : family;
        Counter[] byStatus = counters.computeIfAbsent(provider, unused -> new HashMap<>())
                .computeIfAbsent(model, unused -> new Counter[STATUS_MAX + 1]);
        int known = status < STATUS_MIN || status > STATUS_MAX ? 0 : status;
        Counter counter = byStatus[known];
        if (counter == null) {
            counter = create(provider, model, known);
            byStatus[known] = counter;
        }
        counter.increment();
    }

    private Counter create(String provider, String model, int status) {
        return Counter.builder("gateway.provider.requests")
                .description(
                        "Requests sent to providers, by the status of the answer; none: the connection broke before it")
                .tags("provider", provider, "model", model, "status", status == 0 ? NONE : Integer.toString(status))
                .register(registry);
    }
}
