package io.latticegate.admin.analytics;

import io.latticegate.admin.analytics.RollupTables.NewKey;
import io.latticegate.admin.analytics.RollupTables.Place;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What audit entries add to the sums by minute, hour and day.
 *
 * <p>A request adds to one row of each {@link Grouping} at each {@link Resolution}. First all requests are summed in memory;
 * then each row that results is written once. A row's histogram is read, added to and written back, which is safe because
 * transactions that change sums take turns: what one does not know of cannot change between its read and write.
 *
 * <p>A time that lies more than a day after the entry's receipt comes from a clock that is wrong, and counts as the time of
 * the receipt. Not thread-safe.
 */
public final class Rollups {
    private static final long MICROS = TimeUnit.SECONDS.toMicros(1);
    private static final long AHEAD_SECONDS_MAX = Resolution.DAY.seconds();

    private final Map<Facets, Map<Long, Sum>> minutes = new HashMap<>();

    /** Sums that are still in memory. */
    private static final class Sum {
        private Measures measures = Measures.NONE;
        private final LatencyHistogram latency = new LatencyHistogram();

        void add(Sum other) {
            measures = measures.plus(other.measures);
            latency.add(other.latency);
        }
    }

    /** Whether an entry is the end of a request of the data plane, which is what is summed. */
    public static boolean counts(AuditRecord record) {
        return Facets.ended(record);
    }

    /**
     * Adds an entry; nothing happens unless it is the end of a request of the data plane. How long denied requests took is
     * not counted: they are answered without work, and would hide how long work takes.
     *
     * @param receivedAtMicros when it came, microseconds since 1970
     */
    public void add(AuditRecord record, long receivedAtMicros) {
        Optional<Facets> facets = Facets.of(record);
        if (facets.isEmpty()) {
            return;
        }
        long received = receivedAtMicros / MICROS;
        long ended = record.timestampMicros() / MICROS;
        long second = ended > received + AHEAD_SECONDS_MAX ? received : ended;
        Sum sum = minutes.computeIfAbsent(facets.get(), unused -> new HashMap<>())
                .computeIfAbsent(Resolution.MINUTE.floor(second), unused -> new Sum());
        sum.measures = sum.measures.plus(Measures.of(record));
        if (record.outcome() != AuditOutcome.DENIED) {
            sum.latency.add(record.elapsedMicros());
        }
    }

    /** Adds what another has summed, which stays as it is. */
    void add(Rollups other) {
        other.minutes.forEach((facets, theirs) -> {
            Map<Long, Sum> own = minutes.computeIfAbsent(facets, unused -> new HashMap<>());
            theirs.forEach((minute, sum) ->
                    own.computeIfAbsent(minute, unused -> new Sum()).add(sum));
        });
    }

    /**
     * Adds everything to the tables.
     *
     * @param tables in a transaction whose turn it is
     * @param known shared by all that goes into one database
     */
    void write(RollupTables tables, KnownKeys known) throws SQLException {
        if (minutes.isEmpty()) {
            return;
        }
        Map<Place, Map<KeyId, Sum>> rows = new TreeMap<>();
        for (Grouping grouping : Grouping.values()) {
            sum(grouping, keys(tables, grouping, known), rows);
        }
        Map<Place, Map<KeyId, byte[]>> before = tables.latencies(rows);
        try (RollupTables.Addition addition = tables.new Addition()) {
            for (Map.Entry<Place, Map<KeyId, Sum>> place : rows.entrySet()) {
                Map<KeyId, byte[]> stored = before.getOrDefault(place.getKey(), Map.of());
                for (Map.Entry<KeyId, Sum> row : place.getValue().entrySet()) {
                    Sum sum = row.getValue();
                    byte[] kept = stored.get(row.getKey());
                    if (kept != null) {
                        sum.latency.add(kept);
                    }
                    addition.row(place.getKey(), row.getKey(), sum.measures, sum.latency.bytes());
                }
            }
            addition.run();
        }
    }

    private void sum(Grouping grouping, Map<Facets, KeyId> keys, Map<Place, Map<KeyId, Sum>> rows) {
        for (Map.Entry<Facets, KeyId> key : keys.entrySet()) {
            Map<Long, Sum> own = minutes.getOrDefault(key.getKey(), Map.of());
            for (Map.Entry<Long, Sum> minute : own.entrySet()) {
                for (Resolution resolution : Resolution.values()) {
                    if (grouping.keeps(resolution)) {
                        Place place = new Place(resolution, grouping, resolution.floor(minute.getKey()));
                        rows.computeIfAbsent(place, unused -> new TreeMap<>())
                                .computeIfAbsent(key.getValue(), unused -> new Sum())
                                .add(minute.getValue());
                    }
                }
            }
        }
    }

    /** The key of each of the batch's facets in a grouping; keys that are new are added, as long as there is room. */
    private Map<Facets, KeyId> keys(RollupTables tables, Grouping grouping, KnownKeys known) throws SQLException {
        Map<Facets, KeyId> ids = new HashMap<>();
        Map<KeyId, Facets> unseen = new LinkedHashMap<>();
        for (Facets facets : minutes.keySet()) {
            KeyId id = facets.id(grouping);
            ids.put(facets, id);
            if (!known.covers(id, lastDay(facets))) {
                unseen.merge(id, facets, (one, other) -> lastDay(one) >= lastDay(other) ? one : other);
            }
        }
        if (unseen.isEmpty()) {
            return ids;
        }
        Map<KeyId, Long> stored = tables.lastDays(unseen.keySet());
        stored.forEach(known::note);
        List<NewKey> added = new ArrayList<>();
        int room = grouping.keysMax() - tables.keysOf(grouping);
        int more = 0;
        boolean full = false;
        for (Map.Entry<KeyId, Facets> entry : unseen.entrySet()) {
            boolean isNew = !stored.containsKey(entry.getKey());
            if (isNew && more >= room) {
                full = true;
                ids.replaceAll((facets, id) ->
                        id.equals(entry.getKey()) ? facets.folded().id(grouping) : id);
            } else {
                more += isNew ? 1 : 0;
                added.add(new NewKey(entry.getKey(), grouping, lastDay(entry.getValue()), entry.getValue()));
            }
        }
        if (full) {
            added.addAll(folded(grouping, ids));
        }
        tables.addKeys(added);
        if (more > 0) {
            tables.countKeys(grouping, more);
        }
        return ids;
    }

    private List<NewKey> folded(Grouping grouping, Map<Facets, KeyId> ids) {
        Map<KeyId, NewKey> folded = new TreeMap<>();
        ids.forEach((facets, id) -> {
            if (id.equals(facets.folded().id(grouping))) {
                folded.put(id, new NewKey(id, grouping, lastDay(facets), facets.folded()));
            }
        });
        return List.copyOf(folded.values());
    }

    private long lastDay(Facets facets) {
        long last = 0;
        for (long minute : minutes.getOrDefault(facets, Map.of()).keySet()) {
            last = Math.max(last, minute / Resolution.DAY.seconds());
        }
        return last;
    }
}
