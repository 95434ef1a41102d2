package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.edge.Surface;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PassthroughCallsTest {
    @Nested
    class Paths {
        @ParameterizedTest
        @CsvSource({
            "POST, /v1/moderations, MODERATIONS",
            "POST, /v1/files, FILE_UPLOAD",
            "GET, /v1/files, FILES",
            "GET, /v1/files/file-Ab_9, FILE",
            "DELETE, /v1/files/file-1, FILE_DELETION",
            "GET, /v1/files/file-1/content, FILE_CONTENT",
            "POST, /v1/batches/batch_1/cancel, BATCH_CANCELLATION",
            "POST, /v1/messages/count_tokens, COUNT_TOKENS"
        })
        void meanACall(String method, String path, Passthrough call) {
            assertThat(Passthrough.of(HttpMethod.valueOf(method), path)).isEqualTo(call);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/v1/filesX",
                    "/v1/files/",
                    "/v1/files//content",
                    "/v1/files/a/b/content",
                    "/v1/files/a.b",
                    "/v1/files/a%20b",
                    "/v1/files/content/",
                    "/v1/batches/cancel/x",
                    "/v1/images"
                })
        void meanNothingElse(String path) {
            assertThat(Passthrough.of(HttpMethod.GET, path)).isNull();
            assertThat(Passthrough.methods(path)).isEmpty();
        }

        @Test
        void haveBoundedIds() {
            assertThat(Passthrough.of(HttpMethod.GET, "/v1/files/" + "a".repeat(256)))
                    .isEqualTo(Passthrough.FILE);
            assertThat(Passthrough.of(HttpMethod.GET, "/v1/files/" + "a".repeat(257)))
                    .isNull();
        }

        @Test
        void nameTheirMethods() {
            assertThat(Passthrough.methods("/v1/files")).containsExactly(HttpMethod.POST, HttpMethod.GET);
            assertThat(Passthrough.methods("/v1/files/f")).containsExactly(HttpMethod.GET, HttpMethod.DELETE);
        }
    }

    @Nested
    class Usage {
        private PassthroughReply reply(Passthrough.Metering metering, boolean stream) {
            return new PassthroughReply(metering, stream, Surface.OPENAI, "req_1");
        }

        @Test
        void isReadFromAWholeAnswerInPieces() {
            PassthroughReply reply = reply(Passthrough.Metering.TOKENS, false);
            Buffer first = Buffer.buffer("{\"data\":[],\"usage\":{\"input_tok");

            assertThat(reply.onBytes(first)).isSameAs(first);
            reply.onBytes(Buffer.buffer("ens\":5,\"output_tokens\":272}}"));
            assertThat(reply.usage()).isNull();
            assertThat(reply.onEnd().failure()).isNull();
            assertThat(reply.usage()).isEqualTo(TokenUsage.of(5, 272));
        }

        @Test
        void isReadFromAStream() {
            PassthroughReply reply = reply(Passthrough.Metering.STREAMED_TOKENS, true);
            reply.onBytes(Buffer.buffer("data: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":3,"));
            reply.onBytes(Buffer.buffer("\"output_tokens\":4}}\n\n"));
            reply.onEnd();

            assertThat(reply.usage()).isEqualTo(TokenUsage.of(3, 4));
        }

        @ParameterizedTest
        @CsvSource({"TOKENS, {}", "TOKENS, no JSON", "STREAMED_TOKENS, {}", "OWN_ACCOUNT, {}", "REQUEST, {}"})
        void isNoneWhereTheAnswerReportsNone(Passthrough.Metering metering, String body) {
            PassthroughReply reply = reply(metering, false);
            reply.onBytes(Buffer.buffer(body));
            reply.onEnd();

            assertThat(reply.usage()).isEqualTo(TokenUsage.NONE);
            assertThat(reply.outputTextBytes()).isZero();
        }

        @Test
        void ofABatchIsNotTheRequestsOwn() {
            PassthroughReply reply = reply(Passthrough.Metering.OWN_ACCOUNT, false);
            reply.onBytes(Buffer.buffer(
                    "{\"usage\":{\"input_tokens\":5,\"output_tokens\":272},\"error\":{\"message\":\"x\"}}"));

            assertThat(reply.onEnd().failure()).isNull();
            assertThat(reply.usage()).isEqualTo(TokenUsage.NONE);
        }

        @Test
        void isEstimatedWhenTheAnswerBreaksOff() {
            PassthroughReply reply = reply(Passthrough.Metering.TOKENS, true);
            reply.onBytes(Buffer.buffer("data: {\"type\":\"partial\"}\n\n"));
            Buffer tail =
                    reply.brokenOff(ProviderError.of(ProviderError.Kind.OUTAGE, "provider_stream_cut", "It broke off"));

            assertThat(reply.usage()).isNull();
            assertThat(reply.outputTextBytes()).isEqualTo(26);
            assertThat(String.valueOf(tail))
                    .startsWith("\n\ndata: {\"error\":{")
                    .endsWith("}\n\n");
        }

        @Test
        void isEstimatedWhenTheAnswerIsTooLargeToBeRead() {
            PassthroughReply reply = reply(Passthrough.Metering.TOKENS, false);
            Buffer piece = Buffer.buffer(new byte[1 << 20]);
            for (int i = 0; i <= PassthroughReply.SCANNED_MAX >> 20; i++) {
                reply.onBytes(piece);
            }
            reply.onEnd();

            assertThat(reply.usage()).isNull();
            assertThat(reply.outputTextBytes()).isEqualTo(65_536);
        }

        @Test
        void anErrorInAnAnswerWithStatus200IsAFailure() {
            PassthroughReply reply = reply(Passthrough.Metering.TOKENS, false);
            reply.onBytes(Buffer.buffer("{\"error\":{\"message\":\"no\",\"code\":\"server_error\"}}"));

            assertThat(reply.onEnd().failure()).isNotNull();
        }
    }
}
