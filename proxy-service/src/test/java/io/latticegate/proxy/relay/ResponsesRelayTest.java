package io.latticegate.proxy.relay;

import static io.latticegate.proxy.dialect.Wire.frames;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.Wire;
import io.latticegate.proxy.dialect.openai.OpenAiResponses;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsesRelayTest {
    private static final ProviderError STALLED =
            ProviderError.of(ProviderError.Kind.TIMEOUT, "provider_stalled", "The provider stopped sending");
    private static final byte[] STREAM = Wire.encode(
            new OpenAiResponses(),
            List.of(
                    new ChatEvent.Started("id", "m"),
                    new ChatEvent.TextDelta(0, "Hel"),
                    new ChatEvent.TextDelta(0, "lo 😀"),
                    new ChatEvent.Finished(FinishReason.STOP),
                    new ChatEvent.UsageReported(TokenUsage.of(3, 4))),
            true);

    @Test
    void aPassingStreamIsForwardedAsItIs() {
        for (int split = 0; split <= STREAM.length; split++) {
            var path = VerbatimStream.ofResponses();
            Buffer first = Buffer.buffer(Arrays.copyOf(STREAM, split));
            Buffer second = Buffer.buffer(Arrays.copyOfRange(STREAM, split, STREAM.length));
            assertThat(path.onBytes(first)).isSameAs(first);
            assertThat(path.onBytes(second)).isSameAs(second);
            ReplyPath.Ending ending = path.onEnd();
            assertThat(ending.failure()).isNull();
            assertThat(ending.rest().length()).isZero();
            assertThat(path.usage()).isEqualTo(TokenUsage.of(3, 4));
            assertThat(path.outputTextBytes()).isPositive();
        }
    }

    @Test
    void aPassingStreamCutAtAnyByteEndsInAnErrorEventThatNothingSwallows() {
        int completed = new String(STREAM, UTF_8).indexOf("event: response.completed");
        for (int cut = 0; cut < STREAM.length; cut++) {
            var path = VerbatimStream.ofResponses();
            Buffer seen = Buffer.buffer().appendBuffer(path.onBytes(Buffer.buffer(Arrays.copyOf(STREAM, cut))));
            assertThat(path.onEnd().failure()).as("cut at " + cut).isNotNull();
            Buffer tail = path.brokenOff(STALLED);
            JsonNode error = frames(tail.getBytes()).getLast();
            assertThat(error.path("type").asText()).isEqualTo("error");
            assertThat(error.path("code").asText()).isEqualTo("provider_stalled");
            assertThat(error.at("/error/message").asText()).isEqualTo("The provider stopped sending");
            assertThat(error.path("sequence_number").asInt()).isEqualTo(wholeEvents(cut));
            if (cut <= completed) {
                assertThat(seen.toString(UTF_8)).doesNotContain("response.completed");
            }
        }
    }

    private static int wholeEvents(int length) {
        String seen = new String(Arrays.copyOf(STREAM, length), ISO_8859_1);
        return seen.split("\n\n", -1).length - 1;
    }

    @Test
    void anErrorThatTheProviderSentIsNotRepeated() {
        var path = VerbatimStream.ofResponses();
        path.onBytes(Buffer.buffer(OpenAiResponses.errorEvent(STALLED, 0)));
        assertThat(path.onEnd().failure()).isNotNull();
        assertThat(path.brokenOff(STALLED).length()).isZero();
    }

    @Test
    void whatGoesOnInTheBackgroundIsEstimatedByItsLimitUntilItsUsageIsKnown() {
        var path = new BackgroundReply(VerbatimStream.ofResponses(), 1_000);
        path.onBytes(Buffer.buffer(Arrays.copyOf(STREAM, STREAM.length / 2)));
        assertThat(path.usage()).isNull();
        assertThat(path.outputTextBytes()).isEqualTo(4_000);
        path.onBytes(Buffer.buffer(Arrays.copyOfRange(STREAM, STREAM.length / 2, STREAM.length)));
        assertThat(path.usage()).isEqualTo(TokenUsage.of(3, 4));
        assertThat(path.outputTextBytes()).isLessThan(100);
        assertThat(path.onEnd().failure()).isNull();
    }

    @Test
    void aReplayOfAKeptResponseThatIsCutIsAFailure() {
        var path = new UnmeteredStream(VerbatimStream.ofResponses());
        path.onBytes(Buffer.buffer(Arrays.copyOf(STREAM, STREAM.length / 2)));
        assertThat(path.onEnd().failure()).isNotNull();
        assertThat(path.usage()).isEqualTo(TokenUsage.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/responses/resp_1, RESPONSE",
        "DELETE, /v1/responses/resp_1, RESPONSE_DELETION",
        "POST, /v1/responses/resp_1/cancel, RESPONSE_CANCELLATION",
        "GET, /v1/responses/resp-1_A/input_items, RESPONSE_INPUT",
        "POST, /v1/responses/resp_1, ",
        "GET, /v1/responses/resp_1/cancel, ",
        "GET, /v1/responses/resp_1/input_items/, ",
        "GET, /v1/responses/resp_1/other, ",
        "GET, /v1/responses/, ",
        "GET, /v1/responses/{id}, ",
        "GET, /v1/responses/a.b, ",
        "GET, /v1/responsesX/resp_1, ",
        "GET, /v1/responses/../models, "
    })
    void callsOnAKeptResponseAreTheListedOnesAndNoOthers(String method, String path, Passthrough call) {
        assertThat(Passthrough.of(HttpMethod.valueOf(method), path)).isEqualTo(call);
    }

    @Test
    void anIdHasABound() {
        assertThat(Passthrough.of(HttpMethod.GET, "/v1/responses/" + "a".repeat(256)))
                .isEqualTo(Passthrough.RESPONSE);
        assertThat(Passthrough.of(HttpMethod.GET, "/v1/responses/" + "a".repeat(257)))
                .isNull();
    }
}
