package io.latticegate.proxy.cache;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * Where whole answers are kept, each below its project and its key. What cannot be reached or read is not there: no method
 * fails for that. Used on one event loop, on which its futures end.
 */
public interface AnswerStore {
    /**
     * What was found under a key.
     *
     * @param answer null where there is none that is still fresh
     * @param generation of the project's answers when it was looked for; null where nothing can be kept now
     */
    record Found(@Nullable StoredAnswer answer, @Nullable String generation) {
        /** Nothing, and nothing can be kept. */
        public static final Found UNAVAILABLE = new Found(null, null);
    }

    /** Looks for the answer of {@code projectId} under {@code key}. */
    Future<Found> find(String projectId, CacheKey key);

    /**
     * Keeps {@code answer}; the future ends when others can find it, or it is known that they cannot.
     *
     * @param generation as {@link #find} gave it before the provider was asked; where the project's answers were purged
     *     since, nobody finds this one
     */
    Future<Void> keep(CacheKey key, String generation, StoredAnswer answer);

    /** Forgets one answer. */
    void forget(CacheKey key, String generation, StoredAnswer answer);

    /** Lets go of connections. */
    default void close() {}
}
