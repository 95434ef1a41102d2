package io.latticegate.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void readsObjectsArraysAndTexts() {
        assertThat(Json.parse(" {\"a\" : [ \"x\\n\\u00e9\\\"\" , -1.5e3, null ], \"b\":{}} "))
                .isEqualTo(new Json.Value.Members(Map.of(
                        "a",
                        new Json.Value.Items(List.of(
                                new Json.Value.Text("x\né\""),
                                new Json.Value.Word("-1.5e3"),
                                new Json.Value.Word("null"))),
                        "b",
                        new Json.Value.Members(Map.of()))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\":1,\"a\":2}",
                "[1,]",
                "{\"a\" 1}",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"open",
                "01",
                "truth",
                "[1] 2",
                "\"a\nb\"",
                "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
                "nul",
                "{a:1}",
                "\"\\u12"
            })
    void refusesWhatIsMalformed(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(text)).withMessageContaining("malformed JSON");
    }
}
