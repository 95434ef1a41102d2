package io.latticegate.proxy.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CacheKeyTest {
    @Test
    void differsWheneverThePartsDiffer() {
        List<List<String>> requests = List.of(
                List.of(),
                List.of(""),
                List.of("", ""),
                List.of("ab"),
                List.of("a", "b"),
                List.of("", "ab"),
                List.of("ab", ""),
                List.of("b", "a"),
                List.of("a", "b", ""),
                List.of("\0\0\0\1a", "b"),
                List.of("a\0\0\0\1b"));
        Map<CacheKey, List<String>> seen = new HashMap<>();

        requests.forEach(parts -> assertThat(seen.put(key(parts), parts)).isNull());

        assertThat(key(List.of("a", "b"))).isEqualTo(key(List.of("a", "b")));
    }

    private static CacheKey key(List<String> parts) {
        CacheKey.Builder builder = new CacheKey.Builder();
        parts.forEach(builder::add);
        return builder.build();
    }
}
