package io.latticegate.proxy.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderErrorTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bad sk-proj-AbCdEf0123456789", "bad sk-ant-api03-xyz12345", "bad AIzaSyA1234567890abc",
                        "bad gsk_abcdef123456",
                "bad Bearer abcdefgh", "bad org-1a2b3c4d5e6f", "bad eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
                        "bad sk-****1234",
            })
    void neverRepeatsWhatLooksLikeAKey(String message) {
        assertThat(ProviderError.ofStatus(400, "", message).message()).isEqualTo("bad [redacted]");
    }

    @Test
    void leavesOrdinaryWordsAlone() {
        String message = "The key parameter 'sk' of organization max_completion_tokens is not key_words_only";
        assertThat(ProviderError.ofStatus(400, "", message).message()).isEqualTo(message);
    }

    @Test
    void hidesWhatAProviderSaysAboutTheGatewaysOwnAccount() {
        for (int status : new int[] {401, 402, 403}) {
            ProviderError error = ProviderError.ofStatus(status, "", "account acme-corp of alice@example.org");
            assertThat(error.message()).doesNotContain("acme").doesNotContain("alice");
            assertThat(error.surfaceStatus()).isBetween(500, 599);
        }
    }

    @Test
    void keepsMessagesOnOneBoundedLine() {
        ProviderError error = ProviderError.ofStatus(400, "a b\r\nc", "x\r\ndata: y\u2028z" + "w".repeat(5_000));
        assertThat(error.message())
                .startsWith("x data: y z")
                .hasSizeLessThanOrEqualTo(ProviderError.MESSAGE_LENGTH_MAX);
        assertThat(error.code()).isEqualTo("abc");
    }
}
