package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.Ports;
import io.latticegate.testing.RecordedRequest;
import io.latticegate.testing.Script;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the client sees, what the providers see and what the audit has when a target fails before the first byte. The model of
 * each case is of its own, so that none finds a target that an earlier one has parked.
 */
final class FailoverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String CHAT = "/v1/chat/completions";

    /** Case by case: the directives of the first target. A second one at another provider answers. */
    private static final List<String> FIRST_TARGETS = List.of(
            "status=500",
            "status=503",
            "status=503+retry-after=20",
            "status=429",
            "status=429+retry-after=20",
            "latency=30s",
            "first=30s",
            "cut=0",
            "close=0",
            "truncate=0",
            "error=0",
            "status=500+masked",
            "status=503+html+masked",
            "status=503+html",
            "badchunk=0",
            "status=400",
            "status=404",
            "status=403");

    private static LocalStack stack;
    private static FakeProvider second;
    private static String token;

    @BeforeAll
    static void start() {
        second = FakeProvider.start().acceptOnly("sk-second");
        StringBuilder models = new StringBuilder("models:\n");
        for (int i = 0; i < FIRST_TARGETS.size(); i++) {
            String upstream = "gpt-4o-mini-" + i + "+" + FIRST_TARGETS.get(i);
            models.append("  case-%d: { targets: [ { provider: openai, upstream_model: '%s' }, ".formatted(i, upstream))
                    .append("{ provider: second, upstream_model: answers-%d } ] }\n".formatted(i))
                    .append("  other-%d: { targets: [ { provider: openai, upstream_model: '%s' }, "
                            .formatted(i, upstream.replace("mini", "nano")))
                    .append("{ provider: anthropic, upstream_model: claude-haiku-4-5-%d } ] }\n".formatted(i))
                    .append("  alone-%d: { provider: openai, upstream_model: '%s' }\n"
                            .formatted(i, upstream.replace("mini", "only")));
        }
        stack = LocalStack.with()
                .yaml("""
                    providers:
                      second: { kind: openai, base_url: %s/v1, allow_http: true, allow_private: true, api_key: sk-second, retry_count: 1 }
                      refusing: { kind: openai, base_url: 'http://127.0.0.1:%d/v1', allow_http: true, allow_private: true, api_key: sk-no }
                      wrong-key: { kind: openai, base_url: %s/v1, allow_http: true, allow_private: true, api_key: sk-wrong }
                      poor: { kind: openai, base_url: %s/v1, allow_http: true, allow_private: true, api_key: sk-second }
                      off: { kind: openai, enabled: false, base_url: %s/v1, allow_http: true, allow_private: true, api_key: sk-second }
                    routing:
                      health_check_interval: 0s
                      circuit_breaker: { failures: 3, cooldown: 1h }
                    """.formatted(second.url(), Ports.free(), second.url(), second.url(), second.url()) + models
                        + """
                          refused: { targets: [ { provider: refusing }, { provider: second } ] }
                          unauthorized: { targets: [ { provider: wrong-key }, { provider: second } ] }
                          poorest: { targets: [ { provider: poor, upstream_model: gpt+status=402 }, { provider: second } ] }
                          disabled: { targets: [ { provider: off } ] }
                          partly: { aliases: [partly-alias], targets: [ { provider: off }, { provider: second } ] }
                          breaking: { targets: [ { provider: openai, upstream_model: gpt-breaking+status=500 } ] }
                          limited: { targets: [ { provider: openai, upstream_model: gpt-limited+retry-after=20 } ] }
                          priced:
                            targets:
                              - { provider: openai, upstream_model: gpt-dear, price_in: 1000, price_out: 1000 }
                              - { provider: second, upstream_model: gpt-cheap, price_in: 1, price_out: 3 }
                        """)
                .setting("server.timeouts.first_token", "400ms")
                .setting("server.timeouts.stream_idle", "2s")
                .setting("providers.openai.timeout", "400ms")
                .setting("providers.openai.retry_count", 2)
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
        second.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        stack.anthropic().reset();
        second.reset();
    }

    @ParameterizedTest(name = "{0}, stream {2}")
    @CsvSource({
        "status=500, 500, true",
        "status=503, 503, false",
        "status=503+retry-after=20, 503, false",
        "status=429, 429, true",
        "status=429+retry-after=20, 429, false",
        "latency=30s, 0, false",
        "first=30s, 200, true",
        "cut=0, 0, true",
        "close=0, 0, false",
        "truncate=0, 200, true",
        "error=0, 200, true",
        "status=500+masked, 200, false",
        "status=503+html+masked, 200, false",
        "status=503+html, 503, false",
        "badchunk=0, 200, true"
    })
    void theNextTargetAnswersWhereOneFailsBeforeTheFirstByte(String directives, int status, boolean stream)
            throws Exception {
        String model = "case-" + FIRST_TARGETS.indexOf(directives);

        HttpResponse<String> answer = send(CHAT, body(model, stream));

        assertAnsweredWhole(answer, stream, "second", 2);
        assertThat(stack.openai().count(CHAT)).isEqualTo(1);
        assertThat(second.count(CHAT)).isEqualTo(1);
        assertThat(second.lastRequest().model()).isEqualTo("answers-" + FIRST_TARGETS.indexOf(directives));
        List<AuditRecord> attempts = attempts(answer);
        assertThat(attempts).extracting(AuditRecord::provider).containsExactly("openai", "second");
        assertThat(attempts).extracting(AuditRecord::status).containsExactly(status, 200);
        assertThat(attempts).extracting(AuditRecord::outcome).containsExactly(AuditOutcome.ERROR, AuditOutcome.SUCCESS);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.attempts()).isEqualTo(2);
        assertThat(end.provider()).isEqualTo("second");
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
    }

    @ParameterizedTest(name = "{0}, stream {1}")
    @CsvSource({"status=500, true", "status=503, false", "first=30s, true", "error=0, true"})
    void theNextTargetMaySpeakAnotherProtocol(String directives, boolean stream) throws Exception {
        String model = "other-" + FIRST_TARGETS.indexOf(directives);

        HttpResponse<String> answer = send(CHAT, body(model, stream));

        assertAnsweredWhole(answer, stream, "anthropic", 2);
        assertThat(stack.anthropic().count("/v1/messages")).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"status=400, 400", "status=404, 404"})
    void aFaultOfTheClientIsItsAnswer(String directives, int status) throws Exception {
        HttpResponse<String> answer = send(CHAT, body("case-" + FIRST_TARGETS.indexOf(directives), false));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "X-Gateway-Attempts")).isEqualTo("1");
        assertThat(second.count()).isZero();
        assertThat(attempts(answer)).isEmpty();
    }

    @Test
    void aRefusedConnectionIsAnAttempt() throws Exception {
        HttpResponse<String> answer = send(CHAT, body("refused", false));

        assertAnsweredWhole(answer, false, "second", 2);
        assertThat(attempts(answer)).extracting(AuditRecord::reason).containsExactly("provider_unreachable", "");
    }

    @Test
    void aCredentialThatIsNotAcceptedRestsAndAnotherTargetIsAsked() throws Exception {
        assertAnsweredWhole(send(CHAT, body("unauthorized", false)), false, "second", 2);
        assertAnsweredWhole(send(CHAT, body("unauthorized", false)), false, "second", 1);

        assertThat(second.requests(CHAT))
                .extracting(request -> request.header("Authorization").orElseThrow())
                .containsExactly("Bearer sk-wrong", "Bearer sk-second", "Bearer sk-second");
    }

    @Test
    void anEmptyAccountRestsAndAnotherTargetIsAsked() throws Exception {
        HttpResponse<String> answer = send(CHAT, body("poorest", false));
        assertAnsweredWhole(answer, false, "second", 2);
        assertThat(attempts(answer)).extracting(AuditRecord::status).containsExactly(402, 200);

        assertAnsweredWhole(send(CHAT, body("poorest", false)), false, "second", 1);
    }

    @Test
    void theOnlyTargetIsAskedAgainAsOftenAsItsProviderAllows() throws Exception {
        HttpResponse<String> answer = send(CHAT, body("alone-" + FIRST_TARGETS.indexOf("status=503"), false));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(header(answer, "X-Gateway-Attempts")).isEqualTo("3");
        assertThat(stack.openai().count(CHAT)).isEqualTo(3);
        assertThat(attempts(answer)).hasSize(3);
        assertThat(stack.auditEnd(requestId(answer)).attempts()).isEqualTo(3);
    }

    @Test
    void aClientThatRepeatsOnItsOwnIsNotMultiplied() throws Exception {
        String model = "alone-" + FIRST_TARGETS.indexOf("status=500");

        HttpResponse<String> answer = send(CHAT, body(model, false), token, "X-Stainless-Retry-Count", "1");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(stack.openai().count(CHAT)).isEqualTo(1);
    }

    @Test
    void theSameBytesAreSentAgain() throws Exception {
        String model = "alone-" + FIRST_TARGETS.indexOf("cut=0");
        stack.openai().script(request -> request.number() == 2, Script.PLAIN);

        HttpResponse<String> answer = send(CHAT, body(model, true));

        assertAnsweredWhole(answer, true, "openai", 2);
        assertThat(stack.openai().requests(CHAT))
                .extracting(RecordedRequest::bodyText)
                .hasSize(2)
                .containsOnly(stack.openai().lastRequest().bodyText());
    }

    @ParameterizedTest
    @CsvSource({"latency=30s, 504", "status=429, 429", "status=403, 403"})
    void whatWillNotPassAtOnceIsNotAskedAgain(String directives, int status) throws Exception {
        HttpResponse<String> answer = send(CHAT, body("alone-" + FIRST_TARGETS.indexOf(directives), false));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(stack.openai().count(CHAT)).isEqualTo(1);
    }

    @Test
    void afterTheFirstByteNobodyElseIsAsked() throws Exception {
        stack.openai().script(Script.of("cut=2"));

        HttpResponse<String> answer = send(CHAT, body("case-0", true));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"error\":{").doesNotContain("[DONE]");
        assertThat(second.count()).isZero();
        assertThat(stack.auditEnd(requestId(answer)).outcome()).isEqualTo(AuditOutcome.ERROR);
    }

    @Test
    void aTargetThatKeepsFailingIsLeftAlone() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(send(CHAT, body("breaking", false)).statusCode()).isEqualTo(500);
        }
        long asked = stack.openai().count(CHAT);

        HttpResponse<String> answer = send(CHAT, body("breaking", false));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("provider_unavailable");
        assertThat(Integer.parseInt(header(answer, "Retry-After"))).isPositive();
        assertThat(stack.openai().count(CHAT)).isEqualTo(asked);
        assertThat(health("openai").getJsonObject("breakers").getInteger("open"))
                .isPositive();
        assertThat(health("openai").getString("status")).isEqualTo("degraded");
    }

    @Test
    void whereEveryTargetIsLimitedTheGatewaySaysSoUntilWhen() throws Exception {
        assertThat(send(CHAT, body("limited", false)).statusCode()).isEqualTo(429);
        HttpResponse<String> answer = send(CHAT, body("limited", false));

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).contains("provider_rate_limited");
        assertThat(Integer.parseInt(header(answer, "Retry-After"))).isBetween(1, 20);
        assertThat(stack.openai().count(CHAT)).isEqualTo(1);
    }

    @Test
    void aDisabledProviderServesNothingAndNobodyStandsInForIt() throws Exception {
        HttpResponse<String> answer = send(CHAT, body("disabled", false));

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("model_not_found");
        assertThat(stack.openai().count() + second.count()).isZero();
    }

    @Test
    void anAliasIsTheModelItself() throws Exception {
        assertAnsweredWhole(send(CHAT, body("partly-alias", false)), false, "second", 1);
        assertThat(second.lastRequest().model()).isEqualTo("partly");
    }

    @Test
    void theCheapestTargetIsAskedAndItsPriceCounts() throws Exception {
        String project = stack.project("prices");
        HttpResponse<String> answer = send(CHAT, body("priced", false), stack.token(project, Allowance.WITHOUT_LIMIT));

        assertAnsweredWhole(answer, false, "second", 1);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.costMicroUsd()).isEqualTo(Math.ceilDiv(end.tokensIn() + 3 * end.tokensOut(), 1L));
    }

    @Test
    void aRequestThatTookTwoAttemptsCountsOnce() throws Exception {
        String project = stack.project("two attempts");
        String own = stack.token(project, Allowance.WITHOUT_LIMIT);

        send(CHAT, body("refused", false), own);

        AuthApi.Token settled = Await.value(PATIENCE, "the settlement", () -> {
            AuthApi.Token now = stack.tokenOf(project);
            return now.requestCount() > 0 ? java.util.Optional.of(now) : java.util.Optional.empty();
        });
        assertThat(settled.requestCount()).isEqualTo(1);
    }

    private static JsonObject health(String provider) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/health/providers"))
                    .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN)
                    .build();
            return new JsonObject(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .getJsonObject("providers")
                    .getJsonObject(provider);
        } catch (java.io.IOException | InterruptedException fault) {
            throw new AssertionError(fault);
        }
    }

    private static void assertAnsweredWhole(
            HttpResponse<String> answer, boolean stream, String provider, int attempts) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("one").doesNotContain("\"error\"");
        assertThat(answer.body().split("\\[DONE]", -1)).hasSize(stream ? 2 : 1);
        assertThat(header(answer, "X-Gateway-Provider")).isEqualTo(provider);
        assertThat(header(answer, "X-Gateway-Attempts")).isEqualTo(Integer.toString(attempts));
    }

    private static List<AuditRecord> attempts(HttpResponse<?> answer) {
        return stack.audit(requestId(answer)).stream()
                .filter(entry ->
                        entry.phase() == AuditPhase.EVENT && entry.action().equals("provider_attempt"))
                .toList();
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":50,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}]}";
    }

    private static HttpResponse<String> send(String path, String body) throws Exception {
        return send(path, body, token);
    }

    private static HttpResponse<String> send(String path, String body, String credential, String... headers)
            throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(stack.url() + path))
                    .header("Authorization", "Bearer " + credential)
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(10))
                    .POST(HttpRequest.BodyPublishers.ofString(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElseThrow();
    }

    private static String requestId(HttpResponse<?> answer) {
        return header(answer, "X-Request-ID");
    }
}
