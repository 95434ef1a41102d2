package io.latticegate.proxy.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cohere's answers where they pass unchanged. */
class CohereScanTest {
    private static final String BEGUN = """
            event: message-start
            data: {"id":"1","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_calls":[]}}}

            event: content-delta
            data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"four"}}}}

            event: tool-plan-delta
            data: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"plan"}}}

            event: tool-call-delta
            data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}

            """;

    @Test
    void aStreamIsWholeWithItsEndAndTellsItsUsage() {
        StreamScan scan = StreamScan.watching();
        scan.feed(BEGUN.getBytes(UTF_8));
        assertThat(scan.complete()).isFalse();
        assertThat(scan.outputTextBytes()).isEqualTo(10);

        scan.feed(end("\"finish_reason\":\"COMPLETE\",\"error\":null,\"usage\":{\"billed_units\":{\"input_tokens\":3,"
                + "\"output_tokens\":4},\"tokens\":{\"input_tokens\":503,\"output_tokens\":6},\"cached_tokens\":2}"));

        assertThat(scan.complete()).isTrue();
        assertThat(scan.failure()).isNull();
        assertThat(scan.usage()).isEqualTo(new TokenUsage(3, 4, 2, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"finish_reason\":\"ERROR\",\"error\":\"gone\" | OUTAGE",
                "\"error\":\"gone\",\"finish_reason\":\"ERROR\" | OUTAGE",
                "\"finish_reason\":\"ERROR\" | OUTAGE",
                "\"finish_reason\":\"TIMEOUT\" | TIMEOUT"
            })
    void aStreamThatTheProviderFailedIsAFailure(String delta, ProviderError.Kind kind) {
        StreamScan scan = StreamScan.watching();
        scan.feed(BEGUN.getBytes(UTF_8));
        scan.feed(end(delta));

        assertThat(scan.failure())
                .isNotNull()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(kind));
    }

    @Test
    void aChatTellsWhatIsBilled() {
        UsageScan scan = UsageScan.of(Wire.json("""
                {'id':'1','finish_reason':'COMPLETE','message':{'content':[]},
                 'usage':{'tokens':{'input_tokens':71,'output_tokens':9},'billed_units':{'input_tokens':5,'output_tokens':7}}}"""));

        assertThat(scan.usage()).isEqualTo(TokenUsage.of(5, 7));
        assertThat(scan.error()).isNull();
    }

    @Test
    void anEmbeddingTellsItInItsMeta() {
        UsageScan scan = UsageScan.of(Wire.json("{'embeddings':{},'meta':{'billed_units':{'input_tokens':8}}}"));

        assertThat(scan.usage()).isEqualTo(TokenUsage.of(8, 0));
    }

    @Test
    void aChatThatFailedIsAnErrorThoughItsStatusIsGood() {
        assertThat(UsageScan.of(Wire.json("{'finish_reason':'ERROR','message':{}}"))
                        .error())
                .isNotNull();
    }

    private static byte[] end(String delta) {
        return ("event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{" + delta + "}}\n\n").getBytes(UTF_8);
    }
}
