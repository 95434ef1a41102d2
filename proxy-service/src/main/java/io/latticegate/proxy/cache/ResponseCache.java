package io.latticegate.proxy.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.latticegate.common.config.CacheConfig;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The answers that a proxy process keeps, and the requests that are on their way to become one. Bounded by entries and
 * by bytes; what is used least goes first. Thread-safe; shared by all event loops of the process.
 */
public final class ResponseCache implements AnswerStore {
    private static final String ONLY_GENERATION = "";

    private final CacheConfig config;
    private final InstantSource clock;
    private final Cache<CacheKey, StoredAnswer> answers;
    private final ConcurrentMap<CacheKey, Flight> flights = new ConcurrentHashMap<>();

    public ResponseCache(CacheConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        long leastWeight = Math.max(1, config.maxBytes() / config.maxEntries());
        this.answers = Caffeine.newBuilder()
                .maximumWeight(config.maxBytes())
                .weigher((CacheKey key, StoredAnswer answer) ->
                        (int) Math.min(Integer.MAX_VALUE, Math.max(answer.weight(), leastWeight)))
                .expireAfter(Expiry.creating((CacheKey key, StoredAnswer answer) ->
                        Duration.ofMillis(Math.max(0, answer.expiresAt() - clock.millis()))))
                .executor(Runnable::run)
                .build();
    }

    /** A request whose answer others wait for. The first asker flies; whoever asks the same meanwhile waits for it. */
    private static final class Flight {
        private final List<Runnable> waiting = new ArrayList<>();
        private boolean landed;

        private synchronized boolean await(Runnable landing) {
            return !landed && waiting.add(landing);
        }

        private synchronized List<Runnable> land() {
            landed = true;
            return List.copyOf(waiting);
        }
    }

    public CacheConfig config() {
        return config;
    }

    /** The answer kept under {@code key}, where it has not expired. */
    public @Nullable StoredAnswer get(CacheKey key) {
        StoredAnswer answer = answers.getIfPresent(key);
        return answer == null || answer.expiresAt() <= clock.millis() ? null : answer;
    }

    public void put(CacheKey key, StoredAnswer answer) {
        answers.put(key, answer);
    }

    /** Forgets one answer, unless it was replaced meanwhile. */
    public void remove(CacheKey key, StoredAnswer answer) {
        answers.asMap().remove(key, answer);
    }

    @Override
    public Future<Found> find(String projectId, CacheKey key) {
        return Future.succeededFuture(new Found(get(key), ONLY_GENERATION));
    }

    @Override
    public Future<Void> keep(CacheKey key, String generation, StoredAnswer answer) {
        put(key, answer);
        return Future.succeededFuture();
    }

    @Override
    public void forget(CacheKey key, String generation, StoredAnswer answer) {
        remove(key, answer);
    }

    /** Forgets every answer that {@code which} accepts; returns how many. Looks at all of them. */
    public int purge(Predicate<StoredAnswer> which) {
        int purged = 0;
        for (var entry : answers.asMap().entrySet()) {
            if (which.test(entry.getValue()) && answers.asMap().remove(entry.getKey(), entry.getValue())) {
                purged++;
            }
        }
        return purged;
    }

    /** Answers kept now. */
    public int size() {
        answers.cleanUp();
        return answers.asMap().size();
    }

    /** What the answers kept now weigh, in bytes. */
    public long bytes() {
        return answers.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    /**
     * Whether the caller is the one to ask the provider. Otherwise {@code landed} runs, once and on any thread, when whoever
     * asks the provider has its answer or has given up. The one who asks calls {@link #land}, whatever happens.
     */
    public boolean takeOff(CacheKey key, Runnable landed) {
        while (true) {
            Flight flight = flights.putIfAbsent(key, new Flight());
            if (flight == null) {
                return true;
            }
            if (flight.await(landed)) {
                return false;
            }
            flights.remove(key, flight);
        }
    }

    /** Ends a flight: those who waited look again. */
    public void land(CacheKey key) {
        Flight flight = flights.remove(key);
        if (flight != null) {
            flight.land().forEach(Runnable::run);
        }
    }
}
