package io.latticegate.proxy.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageScanTest {

    @Test
    void readsOpenAiChat() {
        UsageScan scan = scan("""
                {"id":"c","model":"gpt-5.2","choices":[{"message":{"content":"\\"usage\\":{\\"prompt_tokens\\":1}","usage":{"prompt_tokens":1}}}],
                 "usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,
                          "prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":2,"audio_tokens":3},
                          "completion_tokens_details":{"reasoning_tokens":4,"audio_tokens":5}}}""");
        assertThat(scan.usage()).isEqualTo(new TokenUsage(19, 10, 8, 2, 4, 3, 5));
        assertThat(scan.model()).isEqualTo("gpt-5.2");
        assertThat(scan.error()).isNull();
    }

    @Test
    void readsEmbeddingsWithoutOutput() {
        UsageScan scan = scan("""
                {"object":"list","data":[{"embedding":[0.1,-2.5e-3],"index":0}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}""");
        assertThat(scan.usage()).isEqualTo(TokenUsage.of(8, 0));
    }

    @Test
    void readsResponses() {
        UsageScan scan = scan("""
                {"id":"r","error":null,"model":"m\\u0031","usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":30},
                 "output_tokens":87,"output_tokens_details":{"reasoning_tokens":80},"total_tokens":123}}""");
        assertThat(scan.usage()).isEqualTo(new TokenUsage(36, 87, 30, 0, 80, 0, 0));
        assertThat(scan.model()).isEqualTo("m1");
    }

    @Test
    void readsAnthropicMessages() {
        UsageScan scan = scan("""
                {"id":"msg","type":"message","model":"claude","content":[{"type":"text","text":"Hi"}],
                 "usage":{"input_tokens":3,"cache_creation_input_tokens":20,"cache_read_input_tokens":100,"output_tokens":7}}""");
        assertThat(scan.usage()).isEqualTo(new TokenUsage(123, 7, 100, 20, 0, 0, 0));
        TokenUsage usage = scan.usage();
        assertThat(usage == null ? -1 : usage.uncachedInput()).isEqualTo(3);
    }

    @Test
    void bringsNonsenseIntoRange() {
        assertThat(scan("{\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":1e9}}")
                        .usage())
                .isNull();
        assertThat(scan("{\"usage\":{\"prompt_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":50}}}")
                        .usage())
                .isEqualTo(new TokenUsage(5, 0, 5, 0, 0, 0, 0));
        assertThat(scan("{\"usage\":{\"prompt_tokens\":999999999999999999,\"completion_tokens\":12.0}}")
                        .usage())
                .isEqualTo(TokenUsage.of(TokenUsage.TOKENS_MAX, 12));
    }

    @Test
    void noticesAnErrorBehindStatus200() {
        ProviderError error = scan("{\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}")
                .error();
        assertThat(error).isEqualTo(new ProviderError(ProviderError.Kind.OUTAGE, 0, "no", "server_error"));
    }

    @Test
    void hasNoUsageWhereThereIsNone() {
        for (String body : List.of("", "x", "[]", "{}", "{\"usage\":null}", "{\"usage\":{", "{\"usage\":[1]}")) {
            assertThat(scan(body).usage()).as(body).isNull();
        }
    }

    @Test
    void survivesTwentyThousandDamagedReplies() {
        byte[] reply = """
                {"id":"c","model":"g\\u0031","error":{"message":"m","code":"c"},"choices":[{"x":"\\\\"}],
                 "usage":{"prompt_tokens":19,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":8}}}""".getBytes(UTF_8);
        Mutations.run(20_000, List.of(reply), UsageScan::of);
    }

    private static UsageScan scan(String body) {
        return UsageScan.of(body.getBytes(UTF_8));
    }
}
