package io.latticegate.proxy.embeddings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.proxy.cache.semantic.Embedder;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MiniLmEmbedderTest {
    private static Embedder embedder;

    @BeforeAll
    static void load() {
        embedder = ServiceLoader.load(Embedder.class).findFirst().orElseThrow();
    }

    @AfterAll
    static void close() {
        embedder.close();
    }

    @Test
    void givesAVectorOfLengthOne() {
        float[] vector = embedder.embed("How do I reset my password?").orElseThrow();
        assertThat(vector).hasSize(384);
        assertThat(dot(vector, vector)).isCloseTo(1, within(1e-4));
    }

    @Test
    void isNearerToTheSameQuestionThanToAnother() {
        float[] question = embedder.embed("How do I reset my password?").orElseThrow();
        float[] same = embedder.embed("How can I reset my password?").orElseThrow();
        float[] other = embedder.embed("What is the boiling point of water?").orElseThrow();

        assertThat(dot(question, same)).isGreaterThan(0.9);
        assertThat(dot(question, other)).isLessThan(0.4);
    }

    @Test
    void givesTheSameVectorForTheSameText() {
        assertThat(embedder.embed("the same text").orElseThrow())
                .isEqualTo(embedder.embed("the same text").orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"法国的首都是什么？", "Какая столица Франции?", "ما هي عاصمة فرنسا؟", "🦖"})
    void doesNotJudgeWhatItHasNotLearnt(String text) {
        assertThat(embedder.embed(text)).isEmpty();
    }

    private static double dot(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }
}
