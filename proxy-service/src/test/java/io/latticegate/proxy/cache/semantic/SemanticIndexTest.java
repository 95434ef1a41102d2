package io.latticegate.proxy.cache.semantic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.testing.FakeTime;
import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SemanticIndexTest {
    private static final CacheKey HERE = new CacheKey(0, 0, 0, 1);
    private static final CacheKey THERE = new CacheKey(0, 0, 0, 2);
    private final FakeTime time = new FakeTime();

    @Test
    void findsTheNearestOfThosePastTheThreshold() {
        SemanticIndex index = index(100, 100);
        index.add(HERE, entry(1, 0.96f, "ask", "p"));
        index.add(HERE, entry(2, 0.99f, "ask", "p"));
        index.add(HERE, entry(3, 0.94f, "ask", "p"));

        SemanticMatch match = Objects.requireNonNull(index.nearest(HERE, prompt(1, "ask")));
        assertThat(match.answer()).isEqualTo(answer(2));
        assertThat(match.similarity()).isCloseTo(0.99, within(1e-6));
    }

    @Test
    void looksIntoNoOtherPartition() {
        SemanticIndex index = index(100, 100);
        index.add(THERE, entry(1, 1, "ask", "p"));
        assertThat(index.knows(HERE)).isFalse();
        assertThat(index.nearest(HERE, prompt(1, "ask"))).isNull();
    }

    @Test
    void isNotMisledByANearVectorWithAnotherContrast() {
        SemanticIndex index = index(100, 100);
        index.add(HERE, entry(1, 1, "take 3", "p"));
        assertThat(index.nearest(HERE, prompt(1, "take 4"))).isNull();
        assertThat(index.nearest(HERE, prompt(1, "take 3"))).isNotNull();
    }

    @Test
    void forgetsWithTimeWithPurgesAndWhenAnAnswerIsGone() {
        SemanticIndex index = index(100, 100);
        index.add(HERE, entry(1, 1, "ask", "p"));
        index.add(THERE, entry(2, 1, "ask", "q"));
        index.remove(entry -> entry.projectId().equals("p"));
        assertThat(index.nearest(HERE, prompt(1, "ask"))).isNull();
        assertThat(index.knows(HERE)).isFalse();
        assertThat(index.nearest(THERE, prompt(1, "ask"))).isNotNull();

        time.advance(Duration.ofMinutes(1));
        assertThat(index.nearest(THERE, prompt(1, "ask"))).isNull();
    }

    @Test
    void isBoundedInAllAndWithinAPartition() {
        SemanticIndex index = index(50, 10);
        for (int i = 0; i < 100; i++) {
            index.add(HERE, entry(i, 1, "ask", "p"));
        }
        assertThat(index.size()).isEqualTo(10);
        assertThat(Objects.requireNonNull(index.nearest(HERE, prompt(1, "ask"))).answer())
                .isEqualTo(answer(99));
        for (int i = 0; i < 1_000; i++) {
            index.add(new CacheKey(1, 0, 0, i), entry(i, 1, "ask", "p"));
        }
        assertThat(index.size()).isLessThanOrEqualTo(50).isPositive();
    }

    @Test
    void multipliesVectorsOfAnyLength() {
        var random = new SplittableRandom(7);
        for (int length = 1; length < 20; length++) {
            float[] one = new float[length];
            float[] other = new float[length];
            double expected = 0;
            for (int i = 0; i < length; i++) {
                one[i] = (float) random.nextDouble(-1, 1);
                other[i] = (float) random.nextDouble(-1, 1);
                expected += (double) one[i] * other[i];
            }
            assertThat(SemanticIndex.similarity(one, other)).isCloseTo(expected, within(1e-5));
        }
    }

    private SemanticIndex index(int entriesMax, int partitionMax) {
        return new SemanticIndex(entriesMax, partitionMax, 0.95, time);
    }

    private SemanticIndex.Entry entry(int answer, float cosine, String text, String project) {
        return new SemanticIndex.Entry(
                prompt(cosine, text), answer(answer), project, "POST", "/v1/messages", time.millis() + 60_000);
    }

    /** A vector whose product with that of cosine 1 is {@code cosine}. */
    private static SemanticPrompt.Embedded prompt(float cosine, String text) {
        return new SemanticPrompt.Embedded(
                new float[] {cosine, (float) Math.sqrt(1 - cosine * cosine)}, PromptContrast.of(text));
    }

    private static CacheKey answer(int number) {
        return new CacheKey(number, 9, 9, 9);
    }
}
