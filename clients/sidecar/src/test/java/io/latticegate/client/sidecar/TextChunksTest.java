package io.latticegate.client.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

final class TextChunksTest {
    private static int onePerWord(String word) {
        return word.isBlank() ? 0 : 1;
    }

    private static String words(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i % 9 == 8 ? "\n\n" : " ").append('w').append(i);
        }
        return text.toString();
    }

    private static List<String> split(String chunk) {
        return Arrays.asList(chunk.split("\\s+"));
    }

    @Test
    void aShortTextIsOneChunkAsItIs() {
        assertThat(new TextChunks(TextChunksTest::onePerWord, 100, 50).of("  one two\nthree "))
                .containsExactly("one two\nthree");
        assertThat(new TextChunks(TextChunksTest::onePerWord, 100, 50).of(" \n\t "))
                .isEmpty();
    }

    @Test
    void neighboursShareTheOverlapAndNothingIsLeftOut() {
        List<String> chunks = new TextChunks(TextChunksTest::onePerWord, 100, 30).of(words(250));

        assertThat(chunks).hasSize(4);
        assertThat(split(chunks.get(0))).hasSize(100).startsWith("w0").endsWith("w99");
        assertThat(split(chunks.get(1))).hasSize(100).startsWith("w70").endsWith("w169");
        assertThat(split(chunks.get(2))).hasSize(100).startsWith("w140").endsWith("w239");
        assertThat(split(chunks.get(3))).startsWith("w210").endsWith("w249");
    }

    @Test
    void whatHasNoBlankIsCutAnyway() {
        String blob = "x".repeat(1_050);
        List<String> chunks = new TextChunks(String::length, 250, 0).of(blob);

        assertThat(chunks).allSatisfy(chunk -> assertThat(chunk.length()).isLessThanOrEqualTo(250));
        assertThat(String.join("", chunks)).isEqualTo(blob);
    }

    @Test
    void noChunkIsTooLongAndEveryWordIsInOne() {
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 300; round++) {
            int most = random.nextInt(100, 255);
            int overlap = random.nextInt(0, most / 2 + 1);
            int heaviest = random.nextInt(1, 101);
            ToIntFunction<String> pieces =
                    word -> 1 + Math.floorMod(word.strip().hashCode(), heaviest);
            String text = words(random.nextInt(1, 400));
            List<String> chunks = new TextChunks(pieces, most, overlap).of(text);

            assertThat(chunks)
                    .allSatisfy(chunk -> assertThat(
                                    split(chunk).stream().mapToInt(pieces).sum())
                            .isLessThanOrEqualTo(most));
            assertThat(chunks.stream().flatMap(chunk -> split(chunk).stream()).distinct())
                    .containsExactlyInAnyOrderElementsOf(split(text.strip()));
        }
    }

    @Test
    void refusesOverlapsThatWouldNotEnd() {
        assertThatThrownBy(() -> new TextChunks(TextChunksTest::onePerWord, 100, 51))
                .hasMessageContaining("share 51");
        assertThatThrownBy(() -> new TextChunks(TextChunksTest::onePerWord, 99, 0))
                .hasMessageContaining("99 pieces");
    }
}
