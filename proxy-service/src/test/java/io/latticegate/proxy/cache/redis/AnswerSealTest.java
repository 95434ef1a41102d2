package io.latticegate.proxy.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Secret;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.StoredAnswer;
import io.latticegate.proxy.cache.redis.AnswerSeal.Place;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AnswerSealTest {
    private static final Place PLACE = new Place("project", "g1", new CacheKey(1, 2, 3, 4));
    private final AnswerSeal seal = new AnswerSeal(key(1), new SecureRandom());

    @Test
    void opensWhatItHasSealed() {
        for (@Nullable String dropped : new @Nullable String[] {null, "top_k"}) {
            StoredAnswer answer = answer(dropped);
            StoredAnswer opened = seal.open(PLACE, seal.seal(PLACE, answer)).orElseThrow();
            assertThat(opened).usingRecursiveComparison().isEqualTo(answer);
        }
    }

    @Test
    void showsNothingOfTheAnswer() {
        byte[] sealed = seal.seal(PLACE, answer(null));
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1))
                .doesNotContain("the secret answer", "project", "application/json", "openai");
        assertThat(seal.seal(PLACE, answer(null))).isNotEqualTo(sealed);
    }

    @Test
    void opensNothingThatWasMovedToAnotherPlace() {
        byte[] sealed = seal.seal(PLACE, answer(null));
        assertThat(seal.open(new Place("other", "g1", PLACE.key()), sealed)).isEmpty();
        assertThat(seal.open(new Place("project", "g2", PLACE.key()), sealed)).isEmpty();
        assertThat(seal.open(new Place("project", "g1", new CacheKey(1, 2, 3, 5)), sealed))
                .isEmpty();
        assertThat(seal.open(new Place("projectg", "1", PLACE.key()), sealed)).isEmpty();
    }

    @Test
    void opensNothingThatWasChangedInAnyByte() {
        byte[] sealed = seal.seal(PLACE, answer(null));
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(seal.open(PLACE, changed)).as("byte %s", i).isEmpty();
        }
        for (int length : new int[] {0, 1, 64, AnswerSeal.OVERHEAD_BYTES, sealed.length - 1}) {
            assertThat(seal.open(PLACE, Arrays.copyOf(sealed, length))).isEmpty();
        }
    }

    @Test
    void opensNothingOfAnotherKey() {
        var other = new AnswerSeal(key(2), new SecureRandom());
        assertThat(other.open(PLACE, seal.seal(PLACE, answer(null)))).isEmpty();
        assertThat(other.name(PLACE)).isNotEqualTo(seal.name(PLACE));
    }

    @Test
    void namesAPlaceWithoutTellingIt() {
        assertThat(seal.name(PLACE)).matches("[0-9a-f]{64}").isEqualTo(seal.name(PLACE));
        assertThat(seal.name(new Place("other", "g1", PLACE.key()))).isNotEqualTo(seal.name(PLACE));
        assertThat(seal.name(PLACE)).doesNotContain("0000000000000001");
    }

    private static StoredAnswer answer(@Nullable String droppedFields) {
        return new StoredAnswer(
                "{\"text\":\"the secret answer\"}".getBytes(StandardCharsets.UTF_8),
                "application/json",
                false,
                droppedFields,
                "project",
                "POST",
                "/v1/chat/completions",
                "openai",
                "fingerprint",
                "\"tag\"",
                7,
                1_000,
                2_000);
    }

    private static Secret key(int content) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) content);
        return Secret.owning(bytes);
    }
}
