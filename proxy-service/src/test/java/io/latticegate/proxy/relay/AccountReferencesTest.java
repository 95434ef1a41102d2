package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.dialect.RequestScan;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccountReferencesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}",
                "{\"container\" : \"c\"}",
                "{\"cachedContent\":\"cachedContents/1\"}",
                "{\"fileData\":{\"fileUri\":\"u\"}}",
                "{\"audio\": {\"id\":\"audio_1\"}}"
            })
    void whatAnAccountKeepsIsSeenWhereverItStands(String part) {
        assertThat(AccountReferences.in(Operation.CHAT, scan("\"more\":" + part)))
                .isTrue();
    }

    @Test
    void aPlainRequestRefersToNothing() {
        assertThat(AccountReferences.in(Operation.CHAT, scan("\"user\":\"file id\"")))
                .isFalse();
        assertThat(AccountReferences.in(Operation.GEMINI_MODELS, null)).isFalse();
    }

    @Test
    void theResponsesApiKeepsEveryAnswer() {
        assertThat(AccountReferences.in(Operation.RESPONSES, scan("\"store\":false")))
                .isTrue();
    }

    private static RequestScan.Accepted scan(String members) {
        String body = "{\"model\":\"m\"," + members + "}";
        return (RequestScan.Accepted) RequestScan.of(body.getBytes(StandardCharsets.UTF_8));
    }
}
