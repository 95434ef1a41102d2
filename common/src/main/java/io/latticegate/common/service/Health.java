package io.latticegate.common.service;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Whether this process should get traffic. Ready when it has started, is not draining, and every named check passes; a
 * check must be cheap, as it may run several times a second.
 */
public final class Health {
    private final Map<String, Supplier<Finding>> checks = new ConcurrentHashMap<>();
    private volatile boolean started;
    private volatile boolean draining;

    /** @param detail for an operator, without secrets */
    public record Finding(boolean healthy, String detail) {
        public static Finding ok() {
            return new Finding(true, "ok");
        }

        public static Finding failing(String detail) {
            return new Finding(false, detail);
        }
    }

    /** Adds a condition of readiness. */
    public void check(String name, Supplier<Finding> check) {
        checks.put(name, check);
    }

    public void started() {
        started = true;
    }

    public void draining() {
        draining = true;
    }

    public boolean ready() {
        return started && !draining && findings().values().stream().allMatch(Finding::healthy);
    }

    /** Every check with its result, in the order of their names. */
    public Map<String, Finding> findings() {
        Map<String, Finding> all = new LinkedHashMap<>();
        if (!started) {
            all.put("start", Finding.failing("still starting"));
        }
        if (draining) {
            all.put("drain", Finding.failing("shutting down"));
        }
        checks.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(check -> all.put(check.getKey(), check.getValue().get()));
        return all;
    }
}
