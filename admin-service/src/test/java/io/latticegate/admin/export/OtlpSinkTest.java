package io.latticegate.admin.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.export.LogCollector.Reply;
import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.OtlpLogsConfig;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.testing.FakeTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpSinkTest {
    private static final AuditRecord FULL = AuditRecord.builder(AuditPhase.END, "proxy_request", 1_790_000_000_123_456L)
            .actor(new AuditActor(AuditActor.Kind.TOKEN, "tok_1"))
            .requestId("r1")
            .correlationId("c1")
            .projectId("p1")
            .tokenId("tok_1")
            .clientIp("203.0.113.9")
            .userAgent("curl/8")
            .surface("openai")
            .method("POST")
            .path("/v1/chat/completions")
            .model("gpt-x")
            .provider("openai")
            .credentialSource("project")
            .keyFingerprint("abcd")
            .status(502)
            .outcome(AuditOutcome.FAILURE)
            .reason("provider_error")
            .tokensIn(11)
            .tokensOut(7)
            .tokensCached(3)
            .usageEstimated(true)
            .costMicroUsd(1_250_000)
            .attempts(2)
            .elapsedMicros(4_200)
            .metadata(Map.of("cache", "miss", "unlisted", "stays here"))
            .build();

    private final Vertx vertx = Vertx.vertx();
    private final FakeTime time = new FakeTime();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final LogCollector collector = new LogCollector(0);
    private final OtlpSink sink = new OtlpSink(vertx, collector.config(), "mesh-of-tests", time, metrics);

    @AfterEach
    void close() {
        sink.close();
        collector.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static Sink.Batch batch(AuditRecord... records) {
        List<Sink.Line> lines = new ArrayList<>();
        for (AuditRecord record : records) {
            AuditEvent event = new AuditEvent("node", lines.size() + 1L, 1_790_000_001_000_000L, record);
            lines.add(new Sink.Line(
                    event.id(), record.action(), record.timestampMicros(), false, OtlpLogRecord.of(event)));
        }
        return new Sink.Batch(1, lines.size(), lines);
    }

    private Sink.NotDelivered refused() {
        return catchThrowableOfType(Sink.NotDelivered.class, () -> sink.deliver(batch(FULL)));
    }

    private double rejected() {
        return metrics.get("audit.export.rejected").counter().count();
    }

    @Test
    void aRecordSaysWhatIsExportedOfTheEventAndNothingElse() throws Sink.NotDelivered {
        sink.deliver(batch(FULL));
        assertThat(collector.records).hasSize(1);
        JsonObject record = collector.records.getFirst();
        JsonObject attributes = LogCollector.attributes(record);
        record.remove("attributes");
        assertThat(record).isEqualTo(new JsonObject("""
                {
                  "timeUnixNano": "1790000000123456000", "observedTimeUnixNano": "1790000001000000000",
                  "severityNumber": 13, "severityText": "WARN",
                  "eventName": "proxy_request",
                  "body": { "stringValue": "proxy_request: failure, provider_error" }
                }
                """));
        assertThat(attributes).isEqualTo(new JsonObject("""
                {
                  "log.record.uid": "node-1", "client.address": "203.0.113.9", "user_agent.original": "curl/8",
                  "http.request.method": "POST", "url.path": "/v1/chat/completions", "http.response.status_code": "502",
                  "gen_ai.request.model": "gpt-x", "gen_ai.usage.input_tokens": "11", "gen_ai.usage.output_tokens": "7",
                  "latticegate.project": "p1", "latticegate.token": "tok_1", "latticegate.usage.estimated": true,
                  "latticegate.actor_kind": "token", "latticegate.actor": "tok_1", "latticegate.request_id": "r1",
                  "latticegate.correlation_id": "c1", "latticegate.surface": "openai", "latticegate.provider": "openai",
                  "latticegate.credential_source": "project", "latticegate.key_fingerprint": "abcd",
                  "latticegate.outcome": "failure", "latticegate.reason": "provider_error",
                  "latticegate.tokens_cached": "3", "latticegate.cost_usd": 1.25,
                  "latticegate.cost_micro_usd": "1250000", "latticegate.attempts": "2",
                  "latticegate.elapsed_micros": "4200", "latticegate.metadata.cache": "miss", "latticegate.erased": false
                }
                """));
        assertThat(collector.resource.get().getString("service.name")).isEqualTo("audit-of-tests");
        assertThat(collector.resource.get().getString("service.namespace")).isEqualTo("mesh-of-tests");
    }

    @Test
    void severityFollowsTheOutcomeAndAbsentFieldsAreLeftOut() throws Sink.NotDelivered {
        List<AuditOutcome> outcomes = List.of(AuditOutcome.values());
        sink.deliver(batch(outcomes.stream()
                .map(outcome -> AuditRecord.builder(AuditPhase.EVENT, "token.create", Long.MAX_VALUE)
                        .actor(new AuditActor(AuditActor.Kind.SYSTEM, ""))
                        .outcome(outcome)
                        .build())
                .toArray(AuditRecord[]::new)));
        assertThat(outcomes)
                .containsExactly(
                        AuditOutcome.NONE,
                        AuditOutcome.SUCCESS,
                        AuditOutcome.FAILURE,
                        AuditOutcome.DENIED,
                        AuditOutcome.ERROR);
        assertThat(collector.records)
                .extracting(record -> record.getInteger("severityNumber"))
                .containsExactly(9, 9, 13, 13, 17);
        assertThat(LogCollector.attributes(collector.records.getFirst()).fieldNames())
                .doesNotContain("http.response.status_code", "client.address", "latticegate.actor")
                .contains("latticegate.actor_kind");
        assertThat(collector.records.getFirst().getString("timeUnixNano"))
                .as("no larger than 64 bits hold")
                .isEqualTo("9223372036854775000");
    }

    @Test
    void aPartialSuccessIsCountedAndTheBatchIsTakenOver() throws Sink.NotDelivered {
        collector.reply.set(
                Reply.of(200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"2\",\"errorMessage\":\"too old\"}}"));
        sink.deliver(batch(FULL, FULL, FULL));
        assertThat(rejected()).isEqualTo(2);
        collector.reply.set(Reply.of(200, "{\"partialSuccess\":{\"rejectedLogRecords\":1}}"));
        sink.deliver(batch(FULL));
        assertThat(rejected()).isEqualTo(3);
        collector.reply.set(Reply.of(200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"999999\"}}"));
        sink.deliver(batch(FULL));
        assertThat(rejected()).as("no more than were sent").isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "not json",
                "[]",
                "{\"partialSuccess\":7}",
                "{\"partialSuccess\":{\"rejectedLogRecords\":\"-5\"}}",
                "{\"partialSuccess\":{\"rejectedLogRecords\":{}}}",
                "{\"partialSuccess\":{\"rejectedLogRecords\":0,\"errorMessage\":\"deprecated\"}}"
            })
    void whateverAStatusOf200SaysTheBatchIsTakenOver(String body) throws Sink.NotDelivered {
        collector.reply.set(Reply.of(200, body));
        sink.deliver(batch(FULL));
        assertThat(rejected()).isZero();
    }

    @Test
    void anAnswerThatIsTooLongIsNotReadToItsEnd() throws Sink.NotDelivered {
        collector.reply.set(Reply.of(200, "{\"partialSuccess\":{\"errorMessage\":\"" + "x".repeat(70_000) + "\"}}"));
        sink.deliver(batch(FULL));
        assertThat(collector.records).hasSize(1);
    }

    @Test
    void asksToWaitForAsLongAsRetryAfterSays() {
        collector.reply.set(new Reply(503, Optional.of("90"), ""));
        assertThat(refused().retryAfter()).isEqualTo(Duration.ofSeconds(90));
        assertThat(refused()).hasMessageContaining("503");
        String inAMinute = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                time.instant().plusSeconds(60).atOffset(ZoneOffset.UTC));
        collector.reply.set(new Reply(429, Optional.of(inAMinute), ""));
        assertThat(refused().retryAfter()).isBetween(Duration.ofSeconds(59), Duration.ofSeconds(60));
        collector.reply.set(new Reply(503, Optional.of("soon"), ""));
        assertThat(refused().retryAfter()).isEqualTo(Duration.ZERO);
        collector.reply.set(new Reply(500, Optional.of("90"), ""));
        assertThat(refused().retryAfter()).as("the header means nothing there").isEqualTo(Duration.ZERO);
    }

    @Test
    void aRefusalSaysWhatTheCollectorSaysWithoutOurCredential() {
        collector.reply.set(Reply.of(
                400,
                new JsonObject()
                        .put("code", 3)
                        .put("message", "unknown field\n for Bearer " + LogCollector.CREDENTIAL + " " + "y".repeat(500))
                        .encode()));
        assertThat(refused())
                .hasMessageStartingWith(
                        "the collector refused the batch with status 400: unknown field? for Bearer *** yyy")
                .hasMessageEndingWith("it will until audit.export.otlp or the collector is set right")
                .extracting(Throwable::getMessage)
                .asString()
                .hasSizeLessThan(400);
        collector.reply.set(Reply.of(404, "<html>"));
        assertThat(refused()).hasMessageContaining("status 404;");
        collector.reply.set(Reply.of(307, ""));
        assertThat(refused()).hasMessageContaining("status 307");
    }

    @Test
    void isNotReachedWhereItMustNotBe() {
        OtlpLogsConfig forbidden = new OtlpLogsConfig(
                URI.create("https://127.0.0.1:" + collector.port() + "/v1/logs"),
                ConfiguredSecret.unset(),
                "audit",
                Duration.ofSeconds(5),
                false);
        try (OtlpSink other = new OtlpSink(vertx, forbidden, "mesh", time, metrics)) {
            assertThatThrownBy(() -> other.deliver(batch(FULL)))
                    .isInstanceOf(Sink.NotDelivered.class)
                    .hasMessageContaining("forbidden address");
        }
        assertThat(collector.requests).hasValue(0);
    }
}
