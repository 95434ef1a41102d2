package io.latticegate.common.embeddings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers as the uncased BERT vocabulary has them. */
final class WordPiecesTest {
    private static WordPieces pieces;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream json =
                Objects.requireNonNull(WordPieces.class.getResourceAsStream("/all-minilm-l6-v2-q-tokenizer.json"))) {
            pieces = WordPieces.read(json);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hello world        | 101 7592 2088 102",
                "Hello,  WORLD!     | 101 7592 1010 2088 999 102",
                "embeddings         | 101 7861 8270 4667 2015 102",
                "Café               | 101 7668 102",
                "a_b                | 101 1037 1035 1038 102",
                "''                 | 101 102"
            })
    void cutsTextIntoTheLongestPieces(String text, String expected) {
        StringBuilder ids = new StringBuilder();
        for (long id : pieces.of(text).orElseThrow()) {
            ids.append(ids.isEmpty() ? "" : " ").append(id);
        }
        assertThat(ids).hasToString(expected);
    }

    @Test
    void hasNothingForATextThatIsLongerThanTheModelReads() {
        assertThat(pieces.of("word ".repeat(254)))
                .hasValueSatisfying(ids -> assertThat(ids).hasSize(256));
        assertThat(pieces.of("word ".repeat(255))).isEmpty();
        assertThat(pieces.of("x".repeat(101))).isEmpty();
    }

    @Test
    void hasNothingForAWordThatTheVocabularyCannotSpell() {
        assertThat(pieces.of("what is \uD83E\uDD96")).isEmpty();
    }

    @Test
    void countsAWordThatTheVocabularyCannotSpellAsUnknownWhereThatIsWanted() {
        assertThat(pieces.withUnknown("hello \uD83E\uDD96 world")).containsExactly(101, 7592, 100, 2088, 102);
        assertThat(pieces.withUnknown("hello " + "x".repeat(101))).containsExactly(101, 7592, 100, 102);
        assertThat(pieces.withUnknown("word ".repeat(300))).hasSize(302);
    }

    @Test
    void refusesAFileWithoutWordPieces() {
        assertThatThrownBy(() ->
                        WordPieces.read(new ByteArrayInputStream("{\"model\":{}}".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(IOException.class);
    }
}
