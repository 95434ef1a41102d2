package io.latticegate.admin.analytics;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keys that were seen in the database, with the day on which they were last in use there; it spares looking them up again.
 * Only what was committed before may be noted, since what a transaction adds is gone when it is rolled back. Thread-safe.
 */
public final class KnownKeys {
    private static final int KEPT_MAX = 100_000;

    private final Map<KeyId, Long> lastDays = new LinkedHashMap<>(1_024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<KeyId, Long> eldest) {
            return size() > KEPT_MAX;
        }
    };

    /** Whether the key is there and was in use on {@code day} or later. */
    synchronized boolean covers(KeyId key, long day) {
        Long last = lastDays.get(key);
        return last != null && last >= day;
    }

    synchronized void note(KeyId key, long lastDay) {
        lastDays.put(key, lastDay);
    }
}
