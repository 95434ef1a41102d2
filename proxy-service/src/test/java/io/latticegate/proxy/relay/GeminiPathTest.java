package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.dialect.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeminiPathTest {

    @ParameterizedTest
    @CsvSource({
        "/v1beta/models/gemini-3-pro:generateContent, v1beta, gemini-3-pro, GENERATE_CONTENT",
        "/v1/models/gemini-3-pro:streamGenerateContent, v1, gemini-3-pro, STREAM_GENERATE_CONTENT",
        "/v1beta/models/m:embedContent, v1beta, m, EMBED_CONTENT",
        "/v1beta/models/m:batchEmbedContents, v1beta, m, BATCH_EMBED_CONTENTS",
        "/v1beta/models/ft%3Aa:countTokens, v1beta, ft:a, COUNT_TOKENS",
        "/v1beta/models/m, v1beta, m, GEMINI_MODEL",
        "/v1beta/models, v1beta, , GEMINI_MODELS"
    })
    void isTakenApart(String path, String version, String model, Operation operation) {
        assertThat(GeminiPath.of(path)).isEqualTo(new GeminiPath(version, model, operation));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models",
                "/v1/models/gpt-4o",
                "/v1/models/ft:gpt-4o:org",
                "/v1/chat/completions",
                "/v1beta/models/",
                "/v1beta/models/:generateContent",
                "/v1beta/models/a/b:generateContent",
                "/v1beta/models/a%2fb:generateContent",
                "/v1beta/models/m:deleteEverything",
                "/v1beta/tunedModels/m:generateContent",
                "/v1beta/models/%zz:generateContent",
                "/v2/models/m:generateContent"
            })
    void othersAreNone(String path) {
        assertThat(GeminiPath.of(path)).isNull();
    }

    @Test
    void carriesAnotherModelToTheProvider() {
        GeminiPath path = new GeminiPath("v1", "alias", Operation.GENERATE_CONTENT);
        assertThat(path.at("gemini-3+x=1/../y")).isEqualTo("/v1/models/gemini-3%2Bx%3D1%2F..%2Fy:generateContent");
        assertThat(path.at(null)).isEqualTo("/v1/models/alias:generateContent");
        assertThat(new GeminiPath("v1beta", "m", Operation.GEMINI_MODEL).at(null))
                .isEqualTo("/v1beta/models/m");
        assertThat(new GeminiPath("v1beta", null, Operation.GEMINI_MODELS).at(null))
                .isEqualTo("/v1beta/models");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alt=sse", "$alt=json", "prettyPrint=false", "pageSize=10&pageToken=a%2Fb="})
    void theQueryMayHave(String query) {
        assertThat(GeminiQuery.fault(query)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alt=proto",
                "alt=sse&alt=json",
                "alt=sse&$alt=sse",
                "%6bey=x",
                "fields=candidates",
                "x",
                "alt=sse&"
            })
    void theQueryMayNotHave(String query) {
        assertThat(GeminiQuery.fault(query)).extracting(Refusal::code).isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"key=AIzaX", "alt=sse&key=AIzaX", "access_token=x", "key"})
    void aCredentialInTheQueryIsRefusedAndNotRepeated(String query) {
        assertThat(GeminiQuery.fault(query)).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.code()).isEqualTo("credential_in_query");
            assertThat(refusal.message()).contains("x-goog-api-key").doesNotContain("AIzaX");
        });
    }

    @Test
    void onlyAltAsksForEvents() {
        assertThat(GeminiQuery.asksForEvents("prettyPrint=true&alt=sse")).isTrue();
        assertThat(GeminiQuery.asksForEvents("alt=json")).isFalse();
        assertThat(GeminiQuery.asksForEvents(null)).isFalse();
    }
}
