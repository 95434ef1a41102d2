package io.latticegate.common.config;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * Whether a request may be given the answer to another one that means the same.
 *
 * @param enabled needs a distribution that carries the embedding model
 * @param threshold least cosine similarity of two prompts of which one is given the other's answer
 * @param maxEntries prompts remembered at a time, per proxy
 * @param partitionEntries prompts compared with one request, at most: the newest ones that differ from it in nothing else
 * @param threads that compute embeddings
 * @param queue prompts that wait for such a thread; above it they go to the provider
 * @param timeout longest time that a request waits for the comparison
 */
public record SemanticCacheConfig(
        boolean enabled,
        double threshold,
        int maxEntries,
        int partitionEntries,
        int threads,
        int queue,
        Duration timeout) {
    private static final Range<BigDecimal> THRESHOLD =
            new Range<>(new BigDecimal("0.8"), BigDecimal.ONE, SettingType.DECIMAL);
    private static final Range<Integer> ENTRIES = Range.of(1, 100_000);
    private static final Range<Integer> PARTITION = Range.of(1, 4_096);
    private static final Range<Integer> THREADS = Range.of(1, 16);
    private static final Range<Integer> QUEUE = Range.of(1, 4_096);
    private static final Range<Duration> TIMEOUT = Range.of(Duration.ofMillis(1), Duration.ofSeconds(5));

    public SemanticCacheConfig {
        THRESHOLD.check("threshold", BigDecimal.valueOf(threshold));
        ENTRIES.check("max_entries", maxEntries);
        PARTITION.check("partition_entries", partitionEntries);
        THREADS.check("threads", threads);
        QUEUE.check("queue", queue);
        TIMEOUT.check("timeout", timeout);
    }

    static SemanticCacheConfig from(ConfigNode node) {
        return new SemanticCacheConfig(
                node.get(
                        "enabled",
                        SettingType.FLAG,
                        false,
                        "Whether a request is given the kept answer to one that means the same; only requests whose"
                                + " answer may be kept, without tools, in English"),
                node.get(
                                "threshold",
                                SettingType.DECIMAL,
                                new BigDecimal("0.95"),
                                THRESHOLD,
                                "Least cosine similarity of the two prompts")
                        .doubleValue(),
                node.get("max_entries", SettingType.INTEGER, 10_000, ENTRIES, "Prompts remembered, per proxy"),
                node.get(
                        "partition_entries",
                        SettingType.INTEGER,
                        256,
                        PARTITION,
                        "Prompts that one request is compared with, at most"),
                node.get("threads", SettingType.INTEGER, 1, THREADS, "Threads that compute embeddings, per proxy"),
                node.get(
                        "queue",
                        SettingType.INTEGER,
                        64,
                        QUEUE,
                        "Prompts that wait for such a thread; above it they are not compared"),
                node.get(
                        "timeout",
                        SettingType.DURATION,
                        Duration.ofMillis(100),
                        TIMEOUT,
                        "Longest wait for the comparison; after it the provider is asked"));
    }
}
