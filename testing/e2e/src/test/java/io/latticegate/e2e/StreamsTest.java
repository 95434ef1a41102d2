package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An answer ends for the client as it ended at the provider, the provider stops when the client is gone, and on every
 * ending the audit and the token's counters say what was used.
 */
final class StreamsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration CANCEL_LIMIT = Duration.ofMillis(100);
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        stack = LocalStack.with()
                .setting("server.timeouts.first_token", "600ms")
                .setting("server.timeouts.stream_idle", "600ms")
                .setting("providers.openai.timeout", "600ms")
                .setting("providers.anthropic.timeout", "600ms")
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        stack.anthropic().reset();
    }

    @ParameterizedTest(name = "{1} at {0}")
    @CsvSource({
        "/v1/chat/completions, gpt-4o-mini+cut=3, provider_stream_cut",
        "/v1/chat/completions, gpt-4o-mini+close=3, provider_stream_cut",
        "/v1/chat/completions, gpt-4o-mini+truncate=3, provider_stream_cut",
        "/v1/chat/completions, gpt-4o-mini+badchunk=3, provider_stream_cut",
        "/v1/chat/completions, gpt-4o-mini+stall=3, provider_stalled",
        "/v1/chat/completions, gpt-4o-mini+error=3, ''",
        "/v1/messages, claude-sonnet-4-5+cut=3, provider_stream_cut",
        "/v1/messages, claude-sonnet-4-5+truncate=3, provider_stream_cut",
        "/v1/messages, claude-sonnet-4-5+stall=3, provider_stalled",
        "/v1/messages, claude-sonnet-4-5+error=3, ''",
        "/v1/chat/completions, claude-sonnet-4-5+cut=3, provider_stream_cut",
        "/v1/chat/completions, claude-sonnet-4-5+truncate=3, ''",
        "/v1/chat/completions, claude-sonnet-4-5+stall=3, provider_stalled",
        "/v1/chat/completions, claude-sonnet-4-5+error=3, ''",
        "/v1/messages, gpt-4o-mini+cut=3, provider_stream_cut",
        "/v1/messages, gpt-4o-mini+truncate=3, ''",
        "/v1/messages, gpt-4o-mini+error=3, ''"
    })
    void aStreamThatBreaksOffEndsWithTheErrorEventOfItsDialect(String path, String model, String reason)
            throws Exception {
        HttpResponse<String> answer = send(path, body(model, true, "one two three four five six"));
        String text = answer.body();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(text).contains("one").doesNotContain("[DONE]").doesNotContain("message_stop");
        if (path.equals("/v1/messages")) {
            assertThat(text).containsOnlyOnce("event: error").contains("\"type\":\"error\"");
        } else {
            assertThat(text).containsOnlyOnce("\"error\":{");
            assertThat(text.substring(text.lastIndexOf("data: "))).contains("\"error\":{");
        }
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.tokensOut()).isPositive();
        if (!reason.isEmpty()) {
            assertThat(end.reason()).isEqualTo(reason);
        }
    }

    @ParameterizedTest(name = "{1} at {0}")
    @CsvSource({
        "/v1/chat/completions, gpt-4o-mini+cut=0, 502",
        "/v1/chat/completions, gpt-4o-mini+close=0, 502",
        "/v1/chat/completions, gpt-4o-mini+latency=30s, 504",
        "/v1/chat/completions, gpt-4o-mini+first=30s, 504",
        "/v1/chat/completions, claude-sonnet-4-5+latency=30s, 504",
        "/v1/messages, claude-sonnet-4-5+cut=0, 502",
        "/v1/messages, claude-sonnet-4-5+latency=30s, 504",
        "/v1/messages, gpt-4o-mini+first=30s, 504"
    })
    void beforeTheFirstByteAFailureIsAnOrdinaryError(String path, String model, int status) throws Exception {
        HttpResponse<String> answer = send(path, body(model, true, "hello"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains("\"error\":{");
        assertThat(stack.auditEnd(requestId(answer)).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, gpt-4o-mini+cut=1",
        "/v1/chat/completions, gpt-4o-mini+badjson",
        "/v1/messages, gpt-4o-mini+cut=1",
        "/v1/messages, gpt-4o-mini+badjson",
        "/v1/chat/completions, claude-sonnet-4-5+truncate=1",
        "/v1/chat/completions, claude-sonnet-4-5+stall=1"
    })
    void aCompleteAnswerThatBreaksOffNeverLooksComplete(String path, String model) throws Exception {
        HttpResponse<String> answer;
        try {
            answer = send(path, body(model, false, "hello"));
        } catch (IOException brokenOff) {
            return;
        }
        boolean verbatim = path.equals("/v1/chat/completions") == model.startsWith("gpt");
        if (!verbatim || !model.contains("badjson")) {
            assertThat(answer.statusCode()).as(answer.body()).isBetween(500, 599);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, gpt-4o-mini+chunks=500+gap=20ms, true",
        "/v1/messages, claude-sonnet-4-5+chunks=500+gap=20ms, true",
        "/v1/chat/completions, claude-sonnet-4-5+chunks=500+gap=20ms, true",
        "/v1/messages, gpt-4o-mini+chunks=500+gap=20ms, true",
        "/v1/chat/completions, gpt-4o-mini+latency=30s, false",
        "/v1/messages, gpt-4o-mini+latency=30s, false",
        "/v1/messages, claude-sonnet-4-5+latency=30s, false"
    })
    void theProviderStopsWithinATenthOfASecondAfterTheClientLeft(String path, String model, boolean stream)
            throws Exception {
        String body = body(model, stream, "leaving");
        FakeProvider provider = model.startsWith("gpt") ? stack.openai() : stack.anthropic();
        try (Socket client = open(path, body)) {
            RecordedRequest seen = provider.lastRequest();
            if (stream) {
                readUntil(client.getInputStream(), "\n\n", 5);
            }
            long left = System.nanoTime();
            client.close();
            Await.until(PATIENCE, "the provider to see the client leave", seen::clientLeft);
            assertThat(Duration.ofNanos(seen.ending().atNanos() - left)).isLessThan(CANCEL_LIMIT);
        }
        AuditRecord end = Await.value(
                PATIENCE,
                "the audited end",
                () -> stack.auditEnds().stream()
                        .filter(entry ->
                                entry.model().equals(model) && entry.reason().equals("client_gone"))
                        .filter(entry -> entry.surface().equals(path.equals("/v1/messages") ? "anthropic" : "openai"))
                        .findFirst());
        assertThat(end.status()).isEqualTo(499);
        assertThat(end.tokensIn()).isPositive();
        assertThat(end.usageEstimated()).isTrue();
        assertThat(end.tokensOut() > 0).isEqualTo(stream);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, gpt-4o-mini, false",
        "/v1/chat/completions, gpt-4o-mini, true",
        "/v1/chat/completions, claude-sonnet-4-5, false",
        "/v1/chat/completions, claude-sonnet-4-5, true",
        "/v1/messages, claude-sonnet-4-5, false",
        "/v1/messages, claude-sonnet-4-5, true",
        "/v1/messages, gpt-4o-mini, false",
        "/v1/messages, gpt-4o-mini, true"
    })
    void theProvidersOwnUsageIsAuditedAndSettled(String path, String model, boolean stream) throws Exception {
        String project = stack.project("usage " + path + model + stream);
        String own = stack.token(project, Allowance.WITHOUT_LIMIT);

        HttpResponse<String> answer = send(path, body(model, stream, "one two three"), own);

        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(end.tokensIn()).isEqualTo(3);
        assertThat(end.tokensOut()).isEqualTo(4);
        assertThat(end.usageEstimated()).isFalse();
        AuthApi.Token settled = Await.value(PATIENCE, "the settlement", () -> {
            AuthApi.Token now = stack.tokenOf(project);
            return now.tokenCount() > 0 ? java.util.Optional.of(now) : java.util.Optional.empty();
        });
        assertThat(settled.tokenCount()).isEqualTo(7);
        assertThat(settled.requestCount()).isEqualTo(1);
    }

    @Test
    void usageThatTheGatewayAskedForItselfIsCountedAndNotShown() throws Exception {
        HttpResponse<String> answer = send(
                "/v1/chat/completions",
                body("gpt-4o-mini", true, "one two three").replace("}]", "}] "));

        assertThat(stack.openai().lastRequest().bodyText()).contains("include_usage");
        assertThat(answer.body()).contains("[DONE]").doesNotContain("usage");
        assertThat(stack.auditEnd(requestId(answer)).tokensOut()).isEqualTo(4);
    }

    @Test
    void aMissingUsageIsEstimatedAndFlagged() throws Exception {
        HttpResponse<String> answer =
                send("/v1/chat/completions", body("gpt-4o-mini+nousage", true, "one two three four"));

        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.usageEstimated()).isTrue();
        assertThat(end.tokensIn()).isPositive();
        assertThat(end.tokensOut()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o-mini+status=400", "gpt-4o-mini+status=429", "gpt-4o-mini+status=500"})
    void aRefusalOfTheProviderCountsARequestAndNoTokens(String model) throws Exception {
        String project = stack.project("refused " + model);
        String own = stack.token(project, Allowance.WITHOUT_LIMIT);

        HttpResponse<String> answer = send("/v1/chat/completions", body(model, false, "hello"), own);

        assertThat(stack.auditEnd(requestId(answer)).tokensIn()).isZero();
        Await.until(PATIENCE, "the settlement", () -> stack.tokenOf(project).requestCount() == 1);
        assertThat(stack.tokenOf(project).tokenCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatStopsReadingPausesTheProviderAndIsEndedAtTheIdleDeadline(boolean stream) throws Exception {
        String model = "gpt-4o-mini+big=64MiB";
        long before = usedHeap();
        try (Socket client = open("/v1/chat/completions", body(model, stream, "slow"))) {
            RecordedRequest seen = stack.openai().lastRequest();
            readUntil(client.getInputStream(), "\r\n\r\n", 1);
            Await.until(PATIENCE, "the idle deadline", () -> seen.ending().outcome() != RecordedRequest.Outcome.OPEN);
            assertThat(seen.clientLeft()).as(seen.toString()).isTrue();
        }
        assertThat(usedHeap() - before).isLessThan(192L << 20);
        AuditRecord end = Await.value(
                PATIENCE,
                "the audited end",
                () -> stack.auditEnds().stream()
                        .filter(entry -> entry.model().equals(model))
                        .reduce((earlier, later) -> later));
        assertThat(end.outcome()).isNotEqualTo(AuditOutcome.SUCCESS);
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static String body(String model, boolean stream, String content) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":5000,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + content + "\"}]}";
    }

    private static HttpResponse<String> send(String path, String body) throws Exception {
        return send(path, body, token);
    }

    private static HttpResponse<String> send(String path, String body, String credential) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(stack.url() + path))
                    .header("Authorization", "Bearer " + credential)
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(10))
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String requestId(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }

    private static Socket open(String path, String body) throws IOException {
        Socket socket = new Socket("127.0.0.1", stack.port());
        socket.setReceiveBufferSize(64 << 10);
        socket.setSoTimeout(10_000);
        socket.getOutputStream()
                .write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
                                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                + body)
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static void readUntil(InputStream in, String mark, int times) throws IOException {
        StringBuilder seen = new StringBuilder();
        while (seen.toString().split(mark, -1).length - 1 < times) {
            int octet = in.read();
            assertThat(octet).as(seen.toString()).isNotNegative();
            seen.append((char) octet);
        }
    }
}
