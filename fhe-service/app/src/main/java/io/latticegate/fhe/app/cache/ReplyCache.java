package io.latticegate.fhe.app.cache;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Encrypted replies of one node, bounded in bytes and time, the least recently used dropped first. A reply is found by who asked,
 * with which session, of which version of what, under which tag; whoever asks has shown before that it may use all of these, so
 * that a reply dies with its key epoch and with the version that it is of.
 */
public final class ReplyCache {
    /** How large one reply may be beside all of them. */
    private static final int SHARE = 4;

    private final long bytesMax;
    private final long ttlNanos;
    private final LongSupplier nanoTime;
    private final Counter hits;
    private final Counter misses;
    private final LinkedHashMap<Key, Entry> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /**
     * What a reply is found by.
     *
     * @param owner the project that asked
     * @param session its key epoch
     * @param version names one version of an index or a head, and never another
     */
    public record Key(String owner, String session, String version, CacheTag tag) {}

    private record Entry(KeptReply reply, long keptAtNanos) {}

    /** @param bytesMax of all replies together */
    public ReplyCache(long bytesMax, Duration ttl, LongSupplier nanoTime, MeterRegistry metrics) {
        this.bytesMax = bytesMax;
        this.ttlNanos = ttl.toNanos();
        this.nanoTime = nanoTime;
        this.hits = counter("hit", metrics);
        this.misses = counter("miss", metrics);
        Gauge.builder("fhe.cache.bytes", this, ReplyCache::bytes)
                .description("Encrypted replies that are kept")
                .baseUnit("bytes")
                .register(metrics);
    }

    private static Counter counter(String result, MeterRegistry metrics) {
        return Counter.builder("fhe.cache.requests")
                .description("Requests with a tag, by whether their reply was kept")
                .tag("result", result)
                .register(metrics);
    }

    /** The reply, or null where none is kept. */
    public synchronized @Nullable KeptReply find(Key key) {
        Entry entry = kept.get(key);
        if (entry != null && nanoTime.getAsLong() - entry.keptAtNanos >= ttlNanos) {
            drop(key);
            entry = null;
        }
        (entry == null ? misses : hits).increment();
        return entry == null ? null : entry.reply;
    }

    /** Keeps a whole reply, unless it is larger than a quarter of what is kept at all. */
    public synchronized void keep(Key key, KeptReply reply) {
        if (reply.bytes() > bytesMax / SHARE) {
            return;
        }
        drop(key);
        kept.put(key, new Entry(reply, nanoTime.getAsLong()));
        bytes += reply.bytes();
        Iterator<Entry> eldest = kept.values().iterator();
        while (bytes > bytesMax) {
            bytes -= eldest.next().reply.bytes();
            eldest.remove();
        }
    }

    /** Drops what is too old. */
    public void dropOld() {
        long now = nanoTime.getAsLong();
        drop((Entry entry) -> now - entry.keptAtNanos >= ttlNanos);
    }

    /** Drops the replies of a version that is gone. */
    public synchronized void dropVersion(String version) {
        kept.entrySet().removeIf(entry -> {
            boolean gone = entry.getKey().version.equals(version);
            bytes -= gone ? entry.getValue().reply.bytes() : 0;
            return gone;
        });
    }

    private synchronized void drop(Predicate<Entry> old) {
        kept.values().removeIf(entry -> {
            boolean gone = old.test(entry);
            bytes -= gone ? entry.reply.bytes() : 0;
            return gone;
        });
    }

    private void drop(Key key) {
        Entry old = kept.remove(key);
        if (old != null) {
            bytes -= old.reply.bytes();
        }
    }

    /** What the kept replies take. */
    public synchronized long bytes() {
        return bytes;
    }

    /** How many are kept. */
    public synchronized int size() {
        return kept.size();
    }
}
