package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.RecordedRequest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The token stream of browser clients, on the wire; and what the pages of which origins may read. */
final class TokenStreamTest {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String ORIGIN = "https://app.example.com";

    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        stack = LocalStack.with()
                .setting("security.cors.origins", List.of(ORIGIN))
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

    @Test
    void everyEventIsAWholeLineInAWriteOfItsOwn() {
        RawHttp.Answer answer = post("/api/anthropic", ask("claude-sonnet-4-5+gap=20ms", "one two"), token);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).containsIgnoringCase("content-type: text/event-stream");
        List<String> chunks = chunks(answer.body());
        assertThat(chunks).allMatch(chunk -> chunk.endsWith("\n\n"), "ends with its event");
        String body = String.join("", chunks);
        assertThat(body.replaceFirst("\"ttfbMs\":\\d+", "\"ttfbMs\":0")).isEqualTo("""
                        data: {"token":"echo:","tokenId":0,"isFirst":true,"ttfbMs":0}

                        data: {"token":" one","tokenId":1}

                        data: {"token":" two","tokenId":2}

                        data: {"token":"","tokenId":3,"isLast":true}

                        data: [DONE]

                        """);
    }

    @Test
    void theProviderSeesItsOwnRequestAndItsOwnKey() {
        RawHttp.Answer answer = post("/api/anthropic", ask("claude-sonnet-4-5", "hello"), token);

        RecordedRequest seen = stack.anthropic().lastRequest();
        JsonObject body = new JsonObject(seen.bodyText());
        assertThat(seen.method() + " " + seen.path()).isEqualTo("POST /v1/messages");
        assertThat(seen.header("x-api-key")).contains(LocalStack.ANTHROPIC_KEY);
        assertThat(seen.header("anthropic-version")).contains("2023-06-01");
        assertThat(seen.header("content-type")).contains("application/json");
        assertThat(seen.headers().toString()).doesNotContain(token);
        assertThat(body.getBoolean("stream")).isTrue();
        assertThat(body.getInteger("max_tokens")).isEqualTo(100);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.surface()).isEqualTo("agentary");
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(end.tokensIn()).isEqualTo(1);
        assertThat(end.tokensOut()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/anthropic, gpt-4o-mini",
        "/api/openai/messages, claude-sonnet-4-5",
        "/api/openai, some-other-model",
        "/api/echo, gpt-4o-mini"
    })
    void theProviderInThePathServesItsOwnModelsOnly(String path, String model) {
        RawHttp.Answer answer = post(path, ask(model, "hello"), token);

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("{\"error\":\"Invalid model\"}");
        assertThat(stack.openai().count() + stack.anthropic().count()).isZero();
    }

    @Test
    void theEchoModelStreamsTokensToo() {
        RawHttp.Answer answer = post("/api/echo", ask("echo", "hello"), token);

        assertThat(answer.body())
                .contains("\"isFirst\":true")
                .contains("\"isLast\":true")
                .contains("data: [DONE]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cut=3", "truncate=3", "error=3", "badchunk=3"})
    void aStreamThatBreaksOffEndsWithAnErrorLine(String fault) {
        RawHttp.Answer answer = post("/api/openai", ask("gpt-4o-mini+" + fault, "one two three four five"), token);

        String body = String.join("", chunks(answer.body()));
        assertThat(body).contains("\"token\":\" one\"").doesNotContain("[DONE]").doesNotContain("isLast");
        assertThat(body).containsOnlyOnce("\nerror: {\"message\":").endsWith("}\n\n");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.tokensOut()).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /api/nobody | 404 | endpoint_not_found",
                "POST | /api/openai/other | 404 | endpoint_not_found",
                "GET | /api/openai | 405 | method_not_allowed",
                "POST | /api/openai%2fmessages | 400 | invalid_path"
            })
    void otherPathsAndMethodsAreRefusedInTheSurfacesOwnForm(String method, String path, int status, String type) {
        RawHttp.Answer answer = send(method + " " + path, "{}", token);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).fieldNames()).containsExactlyInAnyOrder("error", "type");
        assertThat(new JsonObject(answer.body()).getString("type")).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"POST /api/llm/proxy", "POST /api/vault/store", "DELETE /api/vault/openai", "GET /api/usage/x"})
    void thePathsOfTheWalletRelayStayItsOwn(String line) {
        RawHttp.Answer answer = send(line, "{}", token);

        assertThat(answer.status()).as(answer.text()).isBetween(400, 422);
        assertThat(new JsonObject(answer.body()).fieldNames()).contains("detail", "code");
    }

    @Test
    void aLimitThatIsUsedUpSaysWhenToTryAgain() {
        String spent = stack.token(stack.project("one request"), new Allowance(1, 1_000_000, 1_000_000));
        assertThat(post("/api/openai", ask("gpt-4o-mini", "hello"), spent).status())
                .isEqualTo(200);

        RawHttp.Answer answer = post("/api/openai", ask("gpt-4o-mini", "hello"), spent);

        assertThat(answer.status()).as(answer.text()).isEqualTo(429);
        assertThat(answer.body()).isEqualTo("{\"error\":\"Rate limit exceeded\"}");
        assertThat(answer.text()).contains("Retry-After: ");
    }

    @Test
    void theAliasOfChatCompletionsAnswersTheSameBytes() {
        String ask =
                "{\"model\":\"gpt-4o-mini\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"a b\"}]}";

        String alias = String.join(
                "", chunks(post("/v1/llm/chat/completions", ask, token).body()));
        String itself =
                String.join("", chunks(post("/v1/chat/completions", ask, token).body()));

        assertThat(alias).isEqualTo(itself).contains("[DONE]");
        assertThat(stack.openai().count("/v1/chat/completions")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/openai",
                "/v1/chat/completions",
                "/v1/models/gpt-4o-mini",
                "/v1/files/file-1",
                "/api/vault/openai"
            })
    void aPreflightOfAnAllowedOriginAllowsTheHeadersThatItAsksFor(String path) {
        RawHttp.Answer answer = raw("OPTIONS " + path + " HTTP/1.1\r\nHost: x\r\nOrigin: " + ORIGIN
                + "\r\nAccess-Control-Request-Method: POST\r\n"
                + "Access-Control-Request-Headers: authorization, content-type,x-stainless-os,x-my-own\r\n"
                + "Connection: close\r\n\r\n");

        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
        assertThat(answer.text())
                .containsIgnoringCase("Access-Control-Allow-Origin: " + ORIGIN + "\r\n")
                .containsIgnoringCase(
                        "Access-Control-Allow-Headers: authorization, content-type,x-stainless-os,x-my-own\r\n")
                .containsIgnoringCase("Access-Control-Allow-Methods: ")
                .containsIgnoringCase("Vary: Origin\r\n")
                .doesNotContainIgnoringCase("Access-Control-Allow-Credentials");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example.com.evil.example",
                "https://evil.example",
                "http://app.example.com",
                "https://app.example.com:8443",
                "https://APP.example.com",
                "https://app.example.com/",
                "null",
                "*"
            })
    void anotherOriginGetsNothingToReadBy(String origin) {
        RawHttp.Answer preflight = raw("OPTIONS /api/openai HTTP/1.1\r\nHost: x\r\nOrigin: " + origin
                + "\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");
        RawHttp.Answer answer = post("/api/openai", ask("gpt-4o-mini", "hi"), token, "Origin: " + origin);

        assertThat(preflight.status()).isEqualTo(405);
        assertThat(answer.status()).isEqualTo(200);
        for (RawHttp.Answer each : List.of(preflight, answer)) {
            assertThat(each.text())
                    .doesNotContainIgnoringCase("Access-Control-Allow")
                    .containsIgnoringCase("Vary: Origin\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/api/openai, gpt-4o-mini, 200",
        "/api/openai, gpt-4o-mini+cut=0, 502",
        "/api/openai, other, 400",
        "/v1/chat/completions, gpt-4o-mini, 200",
        "/v1/chat/completions, gpt-4o-mini+status=429, 429",
        "/v1/chat/completions, claude-sonnet-4-5+first=1ms+cut=0, 502"
    })
    void everyAnswerMayBeReadByAnAllowedOriginHoweverItEnds(String path, String model, int status) {
        RawHttp.Answer answer = post(path, ask(model, "hi"), token, "Origin: " + ORIGIN);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text())
                .containsIgnoringCase("Access-Control-Allow-Origin: " + ORIGIN + "\r\n")
                .containsIgnoringCase("Vary: Origin\r\n");
        assertThat(answer.text().toLowerCase(Locale.ROOT).split("access-control-allow-origin", -1))
                .hasSize(2);
    }

    @Test
    void theProviderLearnsNothingOfThePage() {
        post(
                "/v1/messages",
                ask("claude-sonnet-4-5", "hi").replace("max_new_tokens", "max_tokens"),
                token,
                "Origin: " + ORIGIN,
                "Referer: " + ORIGIN + "/page",
                "Sec-Fetch-Mode: cors");

        assertThat(stack.anthropic().lastRequest().headers().toString())
                .doesNotContain("app.example.com")
                .doesNotContainIgnoringCase("sec-fetch");
    }

    private static String ask(String model, String text) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text
                + "\"}],\"max_new_tokens\":100}";
    }

    private static RawHttp.Answer post(String path, String body, String credential, String... headers) {
        return send("POST " + path, body, credential, headers);
    }

    private static RawHttp.Answer send(String line, String body, String credential, String... headers) {
        StringBuilder head = new StringBuilder(line)
                .append(
                        " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer ")
                .append(credential)
                .append("\r\nContent-Length: ")
                .append(body.length())
                .append("\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return raw(head + "\r\n" + body);
    }

    private static RawHttp.Answer raw(String request) {
        return RawHttp.send(stack.port(), request.getBytes(StandardCharsets.ISO_8859_1), PATIENCE);
    }

    private static String requestId(RawHttp.Answer answer) {
        String marked = answer.text();
        int from = marked.indexOf("X-Request-ID: ") + "X-Request-ID: ".length();
        return marked.substring(from, marked.indexOf("\r\n", from));
    }

    /** The chunks of a body with {@code Transfer-Encoding: chunked} (RFC 9112 section 7.1), the last one left out. */
    private static List<String> chunks(String body) {
        List<String> chunks = new ArrayList<>();
        int at = 0;
        while (true) {
            int line = body.indexOf("\r\n", at);
            if (line < 0) {
                return chunks;
            }
            int size = Integer.parseInt(body.substring(at, line), 16);
            if (size == 0) {
                return chunks;
            }
            chunks.add(body.substring(line + 2, line + 2 + size));
            at = line + 2 + size + 2;
        }
    }
}
