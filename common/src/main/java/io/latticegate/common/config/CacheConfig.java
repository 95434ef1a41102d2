package io.latticegate.common.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

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
 * @param backend where answers are kept
 * @param backendTimeout longest wait for a shared backend; what has not come by then is not there
 * @param key 32 bytes that encrypt what a shared backend holds; with another one, what it holds is not found
 * @param semantic whether a similar request's answer may be given
 */
public record CacheConfig(
        boolean enabled,
        Policy policy,
        Duration ttl,
        int maxEntries,
        int maxObjectBytes,
        long maxBytes,
        boolean streamResponses,
        Backend backend,
        Duration backendTimeout,
        ConfiguredSecret key,
        SemanticCacheConfig semantic) {
    private static final Range<Duration> TTL = Range.of(Duration.ofSeconds(1), Duration.ofDays(30));
    private static final Range<Integer> ENTRIES = Range.of(1, 1_000_000);
    private static final Range<Long> OBJECT = Range.ofBytes(1 << 10, 16 << 20);
    private static final Range<Long> TOTAL = Range.ofBytes(1 << 20, 64L << 30);
    private static final Range<Duration> BACKEND_TIMEOUT = Range.of(Duration.ofMillis(1), Duration.ofSeconds(2));
    private static final int SHARED_OBJECT_BYTES_MAX = 4 << 20;

    /** Who decides that an answer may be kept. */
    public enum Policy {
        /** Nobody: nothing is kept. */
        OFF,
        /** The client, request by request, with {@code Cache-Control: public, max-age=…}. */
        HTTP,
        /** The operator, for every request but those that ask for varied answers or forbid it. */
        FULL
    }

    /** Where answers are kept. */
    public enum Backend {
        /** In each proxy, for itself. */
        MEMORY,
        /** In Redis, encrypted, for all proxies. */
        REDIS
    }

    public CacheConfig {
        TTL.check("ttl", ttl);
        ENTRIES.check("max_size", maxEntries);
        OBJECT.check("max_object_bytes", (long) maxObjectBytes);
        TOTAL.check("max_bytes", maxBytes);
        IllegalSetting.unless(
                maxBytes >= maxObjectBytes, "max_bytes", "must hold at least one answer of cache.max_object_bytes");
        BACKEND_TIMEOUT.check("backend_timeout", backendTimeout);
        if (backend == Backend.REDIS) {
            IllegalSetting.unless(
                    !key.equals(ConfiguredSecret.unset()),
                    "key",
                    "is not set, but cache.backend is redis; answers are never stored there unencrypted");
            IllegalSetting.unless(
                    maxObjectBytes <= SHARED_OBJECT_BYTES_MAX,
                    "max_object_bytes",
                    "must be at most " + SizeText.print(SHARED_OBJECT_BYTES_MAX) + " with cache.backend: redis");
        }
    }

    /** Whether answers leave the process. */
    public boolean shared() {
        return active() && backend == Backend.REDIS;
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
                node.get(
                        "max_size",
                        SettingType.INTEGER,
                        1_000,
                        ENTRIES,
                        "Answers kept at a time: per proxy, or in Redis"),
                Math.toIntExact(node.get(
                        "max_object_bytes", SettingType.SIZE, 1L << 20, OBJECT, "Largest answer that is kept")),
                node.get(
                        "max_bytes",
                        SettingType.SIZE,
                        64L << 20,
                        TOTAL,
                        "Of all answers together: per proxy, or in Redis"),
                node.get(
                        "stream_responses",
                        SettingType.FLAG,
                        false,
                        "Whether complete event streams are kept too, and given again as event streams"),
                node.get(
                        "backend",
                        SettingType.choice(Backend.class),
                        Backend.MEMORY,
                        "memory: each proxy for itself; redis: all proxies together, encrypted with cache.key, in"
                                + " redis.url"),
                node.get(
                        "backend_timeout",
                        SettingType.DURATION,
                        Duration.ofMillis(20),
                        BACKEND_TIMEOUT,
                        "Longest wait for Redis; after it the provider is asked"),
                key(node.raw("key", "file:/path or env:NAME of 32 bytes in base64, for cache.backend: redis"), node),
                node.section("semantic", SemanticCacheConfig::from));
    }

    private static ConfiguredSecret key(@Nullable String source, ConfigNode node) {
        try {
            return source == null ? ConfiguredSecret.unset() : EncryptionKey.material(node.references(), source);
        } catch (IllegalSetting refused) {
            throw new IllegalSetting("key", String.valueOf(refused.getMessage()));
        }
    }
}
