package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConversePathTest {
    @ParameterizedTest
    @CsvSource({
        "/model/amazon.nova-pro-v1%3A0/converse, amazon.nova-pro-v1:0, CONVERSE",
        "/model/amazon.nova-pro-v1:0/converse-stream, amazon.nova-pro-v1:0, CONVERSE_STREAM",
        "/model/arn%3Aaws%3Abedrock%3A%3A1%3Ax%2Fy/converse, arn:aws:bedrock::1:x/y, CONVERSE"
    })
    void isTakenApart(String path, String model, Operation operation) {
        assertThat(ConversePath.of(path)).isEqualTo(new ConversePath(model, operation));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/model",
                "/model/",
                "/model//converse",
                "/model/m",
                "/model/m/invoke",
                "/model/m/converse/x",
                "/model/a/b/converse",
                "/model/a%2F../converse",
                "/model/..%2Fa/converse",
                "/v1/model/m/converse"
            })
    void isNoneOfThese(String path) {
        assertThat(ConversePath.of(path)).isNull();
    }

    @Test
    void isWrittenWithTheIdAsOneSegment() {
        assertThat(ConversePath.of("a:b/c", true).at(null)).isEqualTo("/model/a%3Ab%2Fc/converse-stream");
        assertThat(ConversePath.of("alias", false).at("m")).isEqualTo("/model/m/converse");
    }
}
