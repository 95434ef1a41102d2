package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.provider.ProviderKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServedPathsTest {
    @ParameterizedTest
    @CsvSource({
        "OPENAI, /v1/chat/completions, true",
        "OPENAI, /chat/completions, true",
        "OPENAI, /v1/responses, true",
        "OPENAI, /v1/responses/resp_1, true",
        "OPENAI, /responses/resp_1/cancel, true",
        "OPENAI, /v1/files, true",
        "OPENAI, /files/file-1/content, true",
        "OPENAI, /v1/images/generations, true",
        "OPENAI, /v1/vector_stores, false",
        "OPENAI, /v1/models, false",
        "OPENAI, /v1/messages, false",
        "ANTHROPIC, /v1/messages, true",
        "ANTHROPIC, /messages, true",
        "ANTHROPIC, /v1/messages/count_tokens, true",
        "ANTHROPIC, /v1/messages/batches, false",
        "GEMINI, /v1beta/models/m:generatecontent, true",
        "GEMINI, /models/m:streamgeneratecontent, true",
        "GEMINI, /v1alpha/tunedmodels/m:generatecontent, true",
        "GEMINI, /v1beta/models/m:embedcontent, true",
        "GEMINI, /v1beta/cachedcontents, false",
        "BEDROCK, /model/m/converse, true",
        "BEDROCK, /model/m/converse-stream, true",
        "BEDROCK, /model/m/invoke, false",
        "OPENAI, /openai/v1/chat/completions, true",
        "OPENAI, /openai/deployments/gpt-4o/chat/completions, true",
        "OPENAI, /openai/deployments/gpt-4o, false",
        "COHERE, /v2/chat, true",
        "COHERE, /chat, true",
        "COHERE, /v2/rerank, true",
        "COHERE, /v1/tokenize, false",
        "TGI, /generate_stream, true",
        "TGI, /info, false",
        "GENERIC, /v1/chat/completions, false"
    })
    void theGatewaysOwnCallsAreKnownUnderEveryVersion(ProviderKind kind, String path, boolean served) {
        assertThat(ServedPaths.contain(kind, path)).isEqualTo(served);
    }
}
