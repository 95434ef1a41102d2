package io.latticegate.admin.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointNameTest {
    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, /v1/chat/completions",
        "/v1/messages/count_tokens, /v1/messages/count_tokens",
        "/v1/responses/resp_1, /v1/responses/{id}",
        "/v1/responses/resp_1/cancel, /v1/responses/{id}/cancel",
        "/v1/responses/resp_1/made-up, (other)",
        "/v1/files/f/content, /v1/files/{id}/content",
        "/v1/models/gpt-4o, /v1/models/{model}",
        "/v1/models/gemini-2.5-flash:generateContent, /v1beta/models/{model}:generateContent",
        "/v1beta/models/a:streamGenerateContent, /v1beta/models/{model}:streamGenerateContent",
        "/v1beta/models/a:made-up, (other)",
        "/v1beta/models/a, /v1beta/models/{model}",
        "/model/anthropic.claude/converse-stream, /model/{model}/converse-stream",
        "/model/anthropic.claude/invoke, (other)",
        "/p/stripe/v1/charges, /p/{provider}",
        "/api/llm/proxy, /api/llm/proxy",
        "/api/vault/store, /api/vault/store",
        "/api/vault/openai, /api/vault/{provider}",
        "/api/usage/0xabc, /api/usage/{wallet}",
        "/api/relay/nonce/0xabc, /api/relay/nonce/{wallet}",
        "/api/openai, /api/{provider}",
        "/api/openai/messages, /api/{provider}",
        "/api/openai/elsewhere, (other)",
        "/v1/fhe/sessions/abc, /v1/fhe",
        "/wp-login.php, (other)",
        "'', (other)"
    })
    void namesWhatAPathDoes(String path, String name) {
        assertThat(EndpointName.of(path)).isEqualTo(name);
    }
}
