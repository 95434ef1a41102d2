package io.latticegate.proxy.cache.semantic;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.latticegate.proxy.cache.CacheKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The prompts that have a kept answer, by partition. Bounded in all and within each partition, where the newest stay. A
 * search looks at every vector of one partition, and at no other. Thread-safe.
 */
final class SemanticIndex {
    private final InstantSource clock;
    private final int partitionMax;
    private final double threshold;
    private final Cache<CacheKey, List<Entry>> partitions;

    SemanticIndex(int entriesMax, int partitionMax, double threshold, InstantSource clock) {
        this.clock = clock;
        this.partitionMax = partitionMax;
        this.threshold = threshold;
        this.partitions = Caffeine.newBuilder()
                .maximumWeight(entriesMax)
                .weigher((CacheKey key, List<Entry> entries) -> entries.size())
                .executor(Runnable::run)
                .build();
    }

    /**
     * A prompt with a kept answer.
     *
     * @param answer the exact key of the answer
     * @param expiresAt of the answer, in milliseconds since the epoch
     */
    record Entry(
            SemanticPrompt.Embedded prompt,
            CacheKey answer,
            String projectId,
            String method,
            String path,
            long expiresAt) {}

    boolean knows(CacheKey partition) {
        return partitions.getIfPresent(partition) != null;
    }

    /** The nearest prompt of the partition that is near enough and agrees in what decides, or null. */
    @Nullable
    SemanticMatch nearest(CacheKey partition, SemanticPrompt.Embedded prompt) {
        List<Entry> entries = partitions.getIfPresent(partition);
        if (entries == null) {
            return null;
        }
        long now = clock.millis();
        Entry nearest = null;
        double most = threshold;
        for (Entry entry : entries) {
            double similarity = similarity(prompt.vector(), entry.prompt.vector());
            if ((nearest == null ? similarity >= threshold : similarity > most)
                    && entry.expiresAt > now
                    && entry.prompt.contrast().agreesWith(prompt.contrast())) {
                nearest = entry;
                most = similarity;
            }
        }
        return nearest == null ? null : new SemanticMatch(nearest.answer, Math.min(1, most));
    }

    void add(CacheKey partition, Entry added) {
        long now = clock.millis();
        partitions.asMap().compute(partition, (key, known) -> {
            List<Entry> entries = new ArrayList<>();
            entries.add(added);
            for (Entry entry : known == null ? List.<Entry>of() : known) {
                if (entries.size() < partitionMax && entry.expiresAt > now && !entry.answer.equals(added.answer)) {
                    entries.add(entry);
                }
            }
            return List.copyOf(entries);
        });
    }

    /** Forgets every prompt that {@code which} accepts. Looks at all of them. */
    void remove(Predicate<Entry> which) {
        for (CacheKey partition : partitions.asMap().keySet()) {
            removeFrom(partition, which);
        }
    }

    void removeFrom(CacheKey partition, Predicate<Entry> which) {
        partitions.asMap().computeIfPresent(partition, (key, known) -> {
            List<Entry> left = known.stream().filter(which.negate()).toList();
            return left.isEmpty() ? null : left;
        });
    }

    int size() {
        partitions.cleanUp();
        return partitions.asMap().values().stream().mapToInt(List::size).sum();
    }

    /** The cosine of two vectors of length 1. Four sums, so that the additions do not wait for each other. */
    static double similarity(float[] one, float[] other) {
        if (one.length != other.length) {
            throw new IllegalArgumentException("vectors of " + one.length + " and " + other.length + " numbers");
        }
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 3 < one.length; i += 4) {
            a += one[i] * other[i];
            b += one[i + 1] * other[i + 1];
            c += one[i + 2] * other[i + 2];
            d += one[i + 3] * other[i + 3];
        }
        for (; i < one.length; i++) {
            a += one[i] * other[i];
        }
        return (double) a + b + c + d;
    }
}
