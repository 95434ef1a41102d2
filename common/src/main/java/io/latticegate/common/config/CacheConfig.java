package io.latticegate.common.config;

import java.time.Duration;

/**
 * Which answers of providers are kept and given again, always within one project.
 *
 * @param enabled false: nothing is kept, whatever {@code policy} says
 * @param policy who decides that an answer may be kept
 * @param ttl longest age of an answer that is given again
 * @param maxEntries answers kept at a time
 * @param maxObjectBytes largest answer that is kept
 * @param maxBytes of all answers together
 * @param streamResponses whether event streams are kept, and given again as event streams
 */
public record CacheConfig(
        boolean enabled,
        Policy policy,
        Duration ttl,
        int maxEntries,
        int maxObjectBytes,
        long maxBytes,
        boolean streamResponses) {
    private static final Range<Duration> TTL = Range.of(Duration.ofSeconds(1), Duration.ofDays(30));
    private static final Range<Integer> ENTRIES = Range.of(1, 1_000_000);
    private static final Range<Long> OBJECT = Range.ofBytes(1 << 10, 16 << 20);
    private static final Range<Long> TOTAL = Range.ofBytes(1 << 20, 64L << 30);

    /** Who decides that an answer may be kept. */
    public enum Policy {
        /** Nobody: nothing is kept. */
        OFF,
        /** The client, request by request, with {@code Cache-Control: public, max-age=…}. */
        HTTP,
        /** The operator, for every request but those that ask for varied answers or forbid it. */
        FULL
    }

    public CacheConfig {
        TTL.check("ttl", ttl);
        ENTRIES.check("max_size", maxEntries);
        OBJECT.check("max_object_bytes", (long) maxObjectBytes);
        TOTAL.check("max_bytes", maxBytes);
        IllegalSetting.unless(
                maxBytes >= maxObjectBytes, "max_bytes", "must hold at least one answer of cache.max_object_bytes");
    }

    /** Whether any answer can be kept. */
    public boolean active() {
        return enabled && policy != Policy.OFF;
    }

    static CacheConfig from(ConfigNode node) {
        return new CacheConfig(
                node.get("enabled", SettingType.FLAG, true, "false: no answer is kept"),
                node.get(
                        "policy",
                        SettingType.choice(Policy.class),
                        Policy.HTTP,
                        "http: the client asks for it with Cache-Control: public, max-age=N; full: every request but"
                                + " those with a temperature above 0"),
                node.get(
                        "ttl",
                        SettingType.DURATION_OR_SECONDS,
                        Duration.ofHours(1),
                        TTL,
                        "Longest age of an answer that is given again"),
                node.get("max_size", SettingType.INTEGER, 1_000, ENTRIES, "Answers kept at a time, per proxy"),
                Math.toIntExact(node.get(
                        "max_object_bytes", SettingType.SIZE, 1L << 20, OBJECT, "Largest answer that is kept")),
                node.get("max_bytes", SettingType.SIZE, 64L << 20, TOTAL, "Of all answers together, per proxy"),
                node.get(
                        "stream_responses",
                        SettingType.FLAG,
                        false,
                        "Whether complete event streams are kept too, and given again as event streams"));
    }
}
