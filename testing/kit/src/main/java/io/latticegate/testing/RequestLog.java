package io.latticegate.testing;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the {@link FakeProvider} remembers of its requests: a count of all, and the last of them in full. Bounded by
 * number and by the bytes of the bodies; the oldest leave first. Thread-safe.
 */
final class RequestLog {
    static final int RECORDS_MAX = 100_000;
    static final long BODIES_BYTES_MAX = 256L << 20;
    private static final int PATHS_MAX = 1_000;
    private static final String OTHER_PATHS = "(other)";

    private final ArrayDeque<RecordedRequest> records = new ArrayDeque<>();
    private final Map<String, LongAdder> countByPath = new ConcurrentHashMap<>();
    private long bodiesBytes;
    private long numberLast;

    void count(String path) {
        LongAdder counter = countByPath.get(path);
        if (counter == null) {
            String kept = countByPath.size() < PATHS_MAX ? path : OTHER_PATHS;
            counter = countByPath.computeIfAbsent(kept, _ -> new LongAdder());
        }
        counter.increment();
    }

    long count() {
        return countByPath.values().stream().mapToLong(LongAdder::sum).sum();
    }

    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        countByPath.forEach((path, counter) -> counts.put(path, counter.sum()));
        return counts;
    }

    synchronized long nextNumber() {
        return ++numberLast;
    }

    synchronized void add(RecordedRequest request) {
        records.add(request);
        bodiesBytes += request.keptBytes();
        while (records.size() > RECORDS_MAX || bodiesBytes > BODIES_BYTES_MAX) {
            bodiesBytes -= records.remove().keptBytes();
        }
    }

    synchronized List<RecordedRequest> records() {
        return List.copyOf(records);
    }

    synchronized void clear() {
        records.clear();
        countByPath.clear();
        bodiesBytes = 0;
        numberLast = 0;
    }
}
