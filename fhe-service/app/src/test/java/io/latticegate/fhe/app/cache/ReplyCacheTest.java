package io.latticegate.fhe.app.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReplyCacheTest {
    private static final int BLOCK = 64 << 10;

    private final AtomicLong now = new AtomicLong();
    private final ReplyCache cache =
            new ReplyCache(1 << 20, Duration.ofSeconds(1), now::get, new SimpleMeterRegistry());

    private static ReplyCache.Key key(String owner, String session, String version, int tag) {
        return new ReplyCache.Key(owner, session, version, new CacheTag("%064x".formatted(tag)));
    }

    private static KeptReply reply(int bytes) {
        KeptReply reply = new KeptReply(new JsonObject());
        reply.add(new byte[bytes]);
        return reply;
    }

    @Test
    void everyPartOfTheKeyCounts() {
        KeptReply kept = reply(1);
        cache.keep(key("a", "s", "v", 1), kept);
        assertThat(cache.find(key("a", "s", "v", 1))).isSameAs(kept);
        assertThat(cache.find(key("b", "s", "v", 1))).isNull();
        assertThat(cache.find(key("a", "t", "v", 1))).isNull();
        assertThat(cache.find(key("a", "s", "w", 1))).isNull();
        assertThat(cache.find(key("a", "s", "v", 2))).isNull();
    }

    @Test
    void bytesAreBoundedAndTheLeastRecentlyUsedGoesFirst() {
        for (int i = 0; i < 15; i++) {
            cache.keep(key("a", "s", "v", i), reply(BLOCK));
        }
        assertThat(cache.find(key("a", "s", "v", 0))).isNotNull();
        cache.keep(key("a", "s", "v", 15), reply(BLOCK));
        assertThat(cache.bytes()).isLessThanOrEqualTo(1 << 20);
        assertThat(cache.find(key("a", "s", "v", 0))).isNotNull();
        assertThat(cache.find(key("a", "s", "v", 1))).isNull();
        cache.keep(key("a", "s", "v", 99), reply(300_000));
        assertThat(cache.find(key("a", "s", "v", 99))).as("more than a quarter").isNull();
    }

    @Test
    void aReplyDiesWithItsTimeAndItsVersion() {
        cache.keep(key("a", "s", "v", 1), reply(BLOCK));
        cache.keep(key("a", "s", "w", 1), reply(BLOCK));
        cache.dropVersion("w");
        assertThat(cache.find(key("a", "s", "w", 1))).isNull();
        now.addAndGet(999_999_999);
        assertThat(cache.find(key("a", "s", "v", 1))).isNotNull();
        now.addAndGet(1);
        assertThat(cache.find(key("a", "s", "v", 1))).isNull();
        cache.keep(key("a", "s", "v", 1), reply(BLOCK));
        now.addAndGet(1_000_000_000);
        cache.dropOld();
        assertThat(cache.size()).isZero();
        assertThat(cache.bytes()).isZero();
    }
}
