package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A provider that breaks HTTP, JSON or event streams, or sends without end, costs its own request and nothing else: the
 * client gets an error in its dialect, nothing of the provider's can pass for the gateway's, memory stays bounded, and the
 * next request is served.
 */
final class HostileProviderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String GOOD = new JsonObject()
            .put("id", "chatcmpl-1")
            .put("object", "chat.completion")
            .put("model", "gpt-4o-mini")
            .put(
                    "choices",
                    new JsonArray()
                            .add(new JsonObject()
                                    .put("index", 0)
                                    .put(
                                            "message",
                                            new JsonObject()
                                                    .put("role", "assistant")
                                                    .put("content", "good"))
                                    .put("finish_reason", "stop")))
            .put("usage", new JsonObject().put("prompt_tokens", 1).put("completion_tokens", 1))
            .encode();
    private static RawProvider provider;
    private static LocalStack stack;
    private static String token;

    /** The ways on which an answer of the provider reaches a client. */
    enum Way {
        UNCHANGED("/v1/chat/completions"),
        TRANSLATED("/v1/messages"),
        PASSED_THROUGH("/p/raw/v1/run");

        private final String path;

        Way(String path) {
            this.path = path;
        }

        /** Checks that an error has this way's form. */
        void isError(RawHttp.Answer answer) {
            JsonObject body = new JsonObject(answer.body());
            switch (this) {
                case UNCHANGED ->
                    assertThat(body.getJsonObject("error").getString("message")).isNotBlank();
                case TRANSLATED -> {
                    assertThat(body.getString("type")).isEqualTo("error");
                    assertThat(body.getJsonObject("error").getString("message")).isNotBlank();
                }
                case PASSED_THROUGH -> assertThat(body.getString("error")).isNotBlank();
            }
        }
    }

    @BeforeAll
    static void start() throws IOException {
        provider = new RawProvider();
        stack = LocalStack.with()
                .setting("server.timeouts.first_token", "3s")
                .setting("server.timeouts.stream_idle", "3s")
                .setting("routing.circuit_breaker.failures", 1_000)
                .yaml("""
                    providers:
                      openai: {base_url: "%1$s", timeout: 3s, retry_count: 0}
                      anthropic: {base_url: "%1$s", timeout: 3s, retry_count: 0}
                      raw:
                        kind: generic
                        base_url: %1$s
                        timeout: 3s
                        allow_http: true
                        allow_private: true
                        api_key: raw-key
                        allowed_endpoints: [/v1/run]
                    """.formatted(provider.url()))
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() throws IOException {
        stack.close();
        provider.close();
    }

    @AfterEach
    void theNextRequestIsServed() {
        provider.answers(RawProvider.answer(200, GOOD));
        for (Way way : Way.values()) {
            RawHttp.Answer answer = ask(way, false);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.body()).contains("good");
        }
    }

    static Stream<Arguments> heads() {
        String body = "\r\nContent-Length: " + GOOD.length() + "\r\n\r\n" + GOOD;
        String ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
        List<Arguments> refused = new ArrayList<>(List.of(
                head("nothing", "", 502),
                head("another protocol", "SSH-2.0-OpenSSH_9.9\r\n", 502),
                head("HTTP/0.9", GOOD, 502),
                head("HTTP/2 in words", ok.replace("1.1", "2.0") + body, 0),
                head("HTTP/9.9", ok.replace("1.1", "9.9") + body, 0),
                head("no status", ok.replace("200 OK", "") + body, 502),
                head("a status in letters", ok.replace("200", "abc") + body, 502),
                head("a negative status", ok.replace("200", "-200") + body, 502),
                head("status 0", ok.replace("200", "0") + body, 502),
                head("status 99", ok.replace("200", "99") + body, 502),
                head("status 600", ok.replace("200", "600") + body, 502),
                head("status 999", ok.replace("200", "999") + body, 502),
                head("a status of ten digits", ok.replace("200", "2000000000") + body, 502),
                head("switching protocols", ok.replace("200", "101") + "\r\nUpgrade: x" + body, 502),
                head("a status line of 64 KiB", ok.replace("OK", "x".repeat(64 << 10)) + body, 502),
                head("a header of 64 KiB", ok + "\r\nX-Long: " + "x".repeat(64 << 10) + body, 502),
                head("100 000 headers", ok + "\r\nX: y".repeat(100_000) + body, 502),
                head("200 headers", ok + "\r\nX: y".repeat(200) + body, 502),
                head("NUL in a value", ok + "\r\nX-Bad: a\0b" + body, 502),
                head("CR in a value", ok + "\r\nX-Bad: a\rX-Injected: 1" + body, 0),
                head("LF in a value", ok + "\r\nX-Bad: a\nX-Other: 1" + body, 0),
                head("escape in a value", ok + "\r\nX-Bad: \u001b[2J" + body, 502),
                head("vertical tab in a value", ok + "\r\nX-Bad: a\u000bb" + body, 502),
                head("DEL in a value", ok + "\r\nX-Bad: a\u007fb" + body, 502),
                head("space in a name", ok + "\r\nX Bad: a" + body, 0),
                head("empty name", ok + "\r\n: a" + body, 502),
                head("name in another alphabet", ok + "\r\nX-\u00e4: a" + body, 502),
                head("no colon", ok + "\r\nX-Bad" + body, 0),
                head("folded", ok + "\r\nX-Bad: a\r\n Set-Cookie: b" + body, 0),
                head("two lengths", ok + "\r\nContent-Length: 3" + body, 502),
                head("a list of lengths", ok + "\r\nContent-Length: 3, 4\r\n\r\nabc", 502),
                head("a negative length", ok + "\r\nContent-Length: -1\r\n\r\nabc", 502),
                head("a length in words", ok + "\r\nContent-Length: many\r\n\r\nabc", 502),
                head("a length beyond numbers", ok + "\r\nContent-Length: 99999999999999999999\r\n\r\nabc", 502),
                head("length and chunks", ok + "\r\nTransfer-Encoding: chunked" + body, 502),
                head("unknown coding", ok + "\r\nTransfer-Encoding: x\r\n\r\n" + GOOD, 0),
                head("1000 interim answers", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000), 502),
                head("1000 early hints", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(1_000), 502)));
        for (String status : List.of("300", "301", "302", "303", "307", "308")) {
            refused.add(head(
                    "redirect " + status,
                    ok.replace("200", status) + "\r\nLocation: http://169.254.169.254/" + body,
                    502));
        }
        return refused.stream()
                .flatMap(one -> Stream.of(Way.values())
                        .map(way -> Arguments.of(one.get()[0], way, one.get()[1], one.get()[2])));
    }

    private static Arguments head(String name, String answer, int status) {
        return Arguments.of(name, answer, status);
    }

    /** @param status 0: one unambiguous reading is as good as a refusal */
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("heads")
    void aHeadThatCouldBeReadTwiceIsABadGateway(String name, Way way, String head, int status) {
        provider.answers(head);
        RawHttp.Answer answer = ask(way, false);
        assertThat(answer.answers()).as(answer.text()).isOne();
        if (status != 0) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        }
        assertThat(answer.status()).isIn(200, 502);
        if (answer.status() == 502) {
            way.isError(answer);
        }
        assertThat(headOf(answer).lines().map(line -> line.toLowerCase(Locale.ROOT)))
                .noneMatch(line -> line.startsWith("x-injected")
                        || line.startsWith("set-cookie")
                        || line.startsWith("location")
                        || line.indexOf('\0') >= 0);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void headersThatSpeakForAnotherHopOrForTheGatewayStayBehind(Way way) {
        List<String> dropped = List.of(
                "Set-Cookie: a=b",
                "Set-Cookie2: a=b",
                "Transfer-Encoding2: x",
                "Keep-Alive: timeout=1",
                "Proxy-Authenticate: Basic",
                "Proxy-Connection: close",
                "WWW-Authenticate: Basic",
                "Trailer: X",
                "Upgrade: h2c",
                "Alt-Svc: h2=\"evil:443\"",
                "Strict-Transport-Security: max-age=0",
                "Clear-Site-Data: \"*\"",
                "Refresh: 0;url=http://evil",
                "NEL: {}",
                "Report-To: {}",
                "Reporting-Endpoints: x=\"http://evil\"",
                "Access-Control-Allow-Origin: *",
                "Access-Control-Allow-Credentials: true",
                "X-Latticegate-Dropped: everything",
                "X-Provider-Request-ID: forged",
                "X-Proxy-Anything: 1",
                "X-Hop: 1");
        for (int status : new int[] {200, 400, 500}) {
            List<String> lines = new ArrayList<>(dropped);
            lines.removeIf(line -> line.startsWith("Transfer-Encoding2"));
            lines.add("Connection: X-Hop");
            lines.add("X-Request-ID: of-the-provider");
            lines.add("X-Own: kept");
            lines.add("Content-Type: application/json");
            provider.answers(
                    RawProvider.answer(status, GOOD.getBytes(StandardCharsets.UTF_8), lines.toArray(String[]::new)));
            RawHttp.Answer answer = ask(way, false);
            String head = headOf(answer).toLowerCase(Locale.ROOT);
            for (String line : lines.subList(0, dropped.size() - 1)) {
                String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
                assertThat(head)
                        .doesNotContain("\r\n" + name + ": "
                                + line.substring(line.indexOf(':') + 2).toLowerCase(Locale.ROOT));
            }
            assertThat(head.split("\r\nx-request-id:", -1)).as(head).hasSize(2);
            assertThat(head).doesNotContain("x-request-id: of-the-provider");
            if (way != Way.TRANSLATED) {
                assertThat(head).contains("x-own: kept", "x-provider-request-id: of-the-provider");
            }
        }
    }

    static Stream<Arguments> bodies() {
        String content = GOOD.replace("\"good\"", "%s");
        return Stream.of(
                Arguments.of("empty", ""),
                Arguments.of("no JSON", "<html>"),
                Arguments.of("cut", GOOD.substring(0, GOOD.length() - 5)),
                Arguments.of("a number", "1"),
                Arguments.of("an empty object", "{}"),
                Arguments.of("a million arrays", "[".repeat(1_000_000)),
                Arguments.of("a million objects", "{\"a\":".repeat(1_000_000)),
                Arguments.of("a million arrays inside", content.formatted("[".repeat(1_000_000))),
                Arguments.of("a number of a million digits", content.formatted("1".repeat(1_000_000))),
                Arguments.of(
                        "usage of a million digits",
                        GOOD.replace("\"prompt_tokens\":1", "\"prompt_tokens\":" + "9".repeat(1_000_000))),
                Arguments.of("four million elements", content.formatted("[" + "{},".repeat(4_000_000) + "{}]")),
                Arguments.of("four million choices", "{\"choices\":[" + "{},".repeat(4_000_000) + "{}]}"),
                Arguments.of("a name of a megabyte", content.formatted("{\"" + "x".repeat(1 << 20) + "\":1}")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void aDocumentThatIsNoAnswerOrABombIsNotTranslated(String name, String body) {
        provider.answers(RawProvider.answer(200, body));
        RawHttp.Answer answer = ask(Way.TRANSLATED, false);
        assertThat(answer.status()).as(answer.text()).isEqualTo(502);
        Way.TRANSLATED.isError(answer);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void theSameDocumentPassesUnreadWhereNothingIsTranslated(String name, String body) {
        if (body.length() > 3 << 20) {
            return;
        }
        provider.answers(RawProvider.answer(200, body));
        for (Way way : List.of(Way.UNCHANGED, Way.PASSED_THROUGH)) {
            RawHttp.Answer answer = ask(way, false);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @CsvSource({"200, false, provider_reply_too_large", "400, false, ''", "200, true, provider_reply_too_large"})
    void aBodyWithoutEndIsCutOffAtItsBound(int status, boolean events, String code) {
        long before = usedHeap();
        String event = events
                ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "x".repeat(60_000) + "\"}}]}\n\n"
                : "x".repeat(60_000);
        byte[] piece = event.getBytes(StandardCharsets.US_ASCII);
        provider.answers((call, out) -> {
            out.write(RawProvider.head(status, "Content-Type: " + (events ? "text/event-stream" : "application/json"))
                    .getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write(piece);
            }
        });
        RawHttp.Answer answer = ask(Way.TRANSLATED, false);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status == 200 ? 502 : status);
        Way.TRANSLATED.isError(answer);
        assertThat(answer.body()).contains(code);
        Await.until(
                PATIENCE,
                "the provider to be cut off",
                () -> provider.lastCall().hungUp());
        assertThat(provider.lastCall().written()).isLessThan(64L << 20);
        assertThat(usedHeap() - before).isLessThan(64L << 20);
    }

    @ParameterizedTest
    @EnumSource(names = {"UNCHANGED", "TRANSLATED"})
    void anEventWithoutEndEndsWithTheDialectsError(Way way) {
        byte[] piece = "x".repeat(60_000).getBytes(StandardCharsets.US_ASCII);
        provider.answers((call, out) -> {
            out.write((RawProvider.head(200, "Content-Type: text/event-stream") + "data: ")
                    .getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write(piece);
            }
        });
        RawHttp.Answer answer = ask(way, true);
        assertThat(answer.closed() || answer.status() == 200).isTrue();
        assertThat(answer.body()).contains("error").doesNotContain("[DONE]", "message_stop");
        Await.until(
                PATIENCE,
                "the provider to be cut off",
                () -> provider.lastCall().hungUp());
        assertThat(provider.lastCall().written()).isLessThan(16L << 20);
    }

    @ParameterizedTest
    @CsvSource({"gzip", "br", "zstd", "deflate", "'identity, gzip'", "x-gzip"})
    void aBodyThatIsCompressedWithoutBeingAskedIsRefusedUnread(String coding) throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] zeros = new byte[1 << 20];
            for (int mebibyte = 0; mebibyte < 64; mebibyte++) {
                gzip.write(zeros);
            }
        }
        for (String type : List.of("application/json", "text/event-stream")) {
            for (int status : new int[] {200, 400}) {
                provider.answers(RawProvider.answer(
                        status, bomb.toByteArray(), "Content-Type: " + type, "Content-Encoding: " + coding));
                for (Way way : List.of(Way.UNCHANGED, Way.TRANSLATED)) {
                    RawHttp.Answer answer = ask(way, type.startsWith("text"));
                    assertThat(answer.status()).as(answer.text()).isEqualTo(502);
                    way.isError(answer);
                }
                assertThat(provider.lastCall().header("Accept-Encoding")).hasValue("identity");
                RawHttp.Answer passed = ask(Way.PASSED_THROUGH, false);
                assertThat(passed.status()).isEqualTo(status);
                assertThat(passed.body().getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(bomb.toByteArray());
            }
        }
    }

    @Test
    void manyHostileAnswersAtOnceLeaveNothingBehind() {
        provider.answers(RawProvider.answer(200, "[".repeat(1_000_000)));
        long refused = IntStream.range(0, 200)
                .parallel()
                .filter(call -> ask(Way.TRANSLATED, false).status() == 502)
                .count();
        assertThat(refused).isEqualTo(200);
    }

    private static String headOf(RawHttp.Answer answer) {
        return answer.text().substring(0, answer.text().length() - answer.body().length());
    }

    private static RawHttp.Answer ask(Way way, boolean stream) {
        return RawHttp.send(stack.port(), request(way.path, "gpt-4o-mini", stream), PATIENCE);
    }

    private static byte[] request(String path, String model, boolean stream) {
        String body = "{\"model\":\"" + model + "\",\"max_tokens\":100,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        return ("POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
