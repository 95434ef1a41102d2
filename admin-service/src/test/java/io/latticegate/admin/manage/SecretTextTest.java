package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTextTest {
    @ParameterizedTest
    @CsvSource(delimiter = ' ', quoteCharacter = '`', textBlock = """
                    "sk-1" sk-1
                    "a\\/b" a/b
                    "a\\\\b" a\\b
                    "a\\"" a"
                    "\\u0041\\u007e" A~
                    """)
    void readsWhatTheStringStandsFor(String json, String plain) {
        assertThat(SecretText.read(json.getBytes(StandardCharsets.US_ASCII), 0))
                .isEqualTo(plain.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\"a",
                "\"a\\",
                "\"a\\u00",
                "\"a\\u00zz\"",
                "\"a\\n\"",
                "\"a b\"",
                "\"\\u0020\"",
                "\"\\u00e9\""
            })
    void readsNothingElse(String json) {
        assertThat(SecretText.read(json.getBytes(StandardCharsets.UTF_8), 0)).isNull();
    }

    @Test
    void boundsTheLength() {
        String longest = "x".repeat(SecretText.BYTES_MAX);

        assertThat(SecretText.read(('"' + longest + '"').getBytes(StandardCharsets.US_ASCII), 0))
                .hasSize(SecretText.BYTES_MAX);
        assertThat(SecretText.read(('"' + longest + "x\"").getBytes(StandardCharsets.US_ASCII), 0))
                .isNull();
    }
}
