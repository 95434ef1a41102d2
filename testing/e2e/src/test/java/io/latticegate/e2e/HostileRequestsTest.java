package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What nobody sends by mistake gets a clear 4xx in the dialect of the surface that it was sent to, or where HTTP itself is
 * broken inside a body, the connection's end. Nothing of it reaches a provider, and the next client notices nothing.
 */
final class HostileRequestsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final long GIB = 1L << 30;
    private static final long MIB = 1L << 20;
    private static final String CHAT =
            "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        stack = LocalStack.with().setting("server.max_request_size", "8MiB").start();
        token = stack.token();
        assertThat(send(post("/v1/chat/completions", CHAT)).status()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @AfterEach
    void theNextClientIsServed() {
        stack.openai().reset();
        assertThat(send(post("/v1/chat/completions", CHAT)).status()).isEqualTo(200);
        assertThat(stack.openai().count()).isEqualTo(1);
        stack.openai().reset();
    }

    static Stream<Arguments> malformedHeads() {
        String chat = "/v1/chat/completions";
        return Stream.of(
                Arguments.of(
                        "both framings",
                        head("POST " + chat, "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n"),
                Arguments.of(
                        "both framings, other order",
                        head("POST " + chat, "Transfer-Encoding: chunked", "Content-Length: 5") + "0\r\n\r\n"),
                Arguments.of(
                        "two equal lengths", head("POST " + chat, "Content-Length: 2", "Content-Length: 2") + "{}"),
                Arguments.of("two lengths", head("POST " + chat, "Content-Length: 2", "Content-Length: 3") + "{}"),
                Arguments.of("length list", head("POST " + chat, "Content-Length: 2, 2") + "{}"),
                Arguments.of("negative length", head("POST " + chat, "Content-Length: -2") + "{}"),
                Arguments.of("signed length", head("POST " + chat, "Content-Length: +2") + "{}"),
                Arguments.of("hexadecimal length", head("POST " + chat, "Content-Length: 0x2") + "{}"),
                Arguments.of("endless length", head("POST " + chat, "Content-Length: 99999999999999999999") + "{}"),
                Arguments.of("empty coding", head("POST " + chat, "Transfer-Encoding: ,chunked") + "0\r\n\r\n"),
                Arguments.of("unknown coding", head("POST " + chat, "Transfer-Encoding: xchunked") + "0\r\n\r\n"),
                Arguments.of(
                        "coding after chunked",
                        head("POST " + chat, "Transfer-Encoding: chunked, identity") + "0\r\n\r\n"),
                Arguments.of(
                        "chunked twice",
                        head("POST " + chat, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + "0\r\n\r\n"),
                Arguments.of(
                        "coding with a vertical tab",
                        head("POST " + chat, "Transfer-Encoding: \u000bchunked") + "0\r\n\r\n"),
                Arguments.of("gzip coding", head("POST " + chat, "Transfer-Encoding: gzip, chunked") + "0\r\n\r\n"),
                Arguments.of("space before colon", head("POST " + chat, "Content-Length : 2") + "{}"),
                Arguments.of("empty header name", head("POST " + chat, ": x") + "{}"),
                Arguments.of("header name with a space", head("POST " + chat, "X Y: x")),
                Arguments.of("header without colon", head("POST " + chat, "X-Nothing")),
                Arguments.of("folded header", head("POST " + chat, "X-Long: a", " b")),
                Arguments.of("folded first header", "POST " + chat + " HTTP/1.1\r\n Host: x\r\n\r\n"),
                Arguments.of("NUL in a value", head("POST " + chat, "X-Nul: a\0b")),
                Arguments.of("CR in a value", head("POST " + chat, "X-Cr: a\rX-Injected: b")),
                Arguments.of("LF in a value", head("POST " + chat, "X-Lf: a\nX-Injected: b")),
                Arguments.of("bare LF", "POST " + chat + " HTTP/1.1\nHost: x\nContent-Length: 0\n\n"),
                Arguments.of("bare LF at the end", "POST " + chat + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\n"),
                Arguments.of("no Host", "POST " + chat + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("two Hosts", head("POST " + chat, "Host: evil.example")),
                Arguments.of(
                        "another host in the target", head("POST http://evil.example" + chat, "Content-Length: 0")),
                Arguments.of("HTTP/2.0 in words", "POST " + chat + " HTTP/2.0\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("HTTP/1.10", "POST " + chat + " HTTP/1.10\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("two spaces in the request line", "POST  " + chat + "  x HTTP/1.1\r\nHost: x\r\n\r\n"),
                Arguments.of(
                        "chunked in HTTP/1.0",
                        "POST " + chat + " HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("huge header", head("POST " + chat, "X-Huge: " + "a".repeat(64 << 10))),
                Arguments.of(
                        "many headers",
                        head("POST " + chat, "X-A: b\r\n".repeat(20_000).strip())),
                Arguments.of("long target", head("POST " + chat + "?" + "a".repeat(20_000))),
                Arguments.of("expectation", head("POST " + chat, "Expect: miracle", "Content-Length: 2") + "{}"),
                Arguments.of(
                        "compressed body", head("POST " + chat, "Content-Encoding: gzip", "Content-Length: 2") + "{}"),
                Arguments.of(
                        "two credentials",
                        head(
                                        "POST " + chat,
                                        "Authorization: Bearer " + token,
                                        "x-api-key: another",
                                        "Content-Length: 2")
                                + "{}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformedHeads")
    void aHeadThatCanBeReadInTwoWaysIsRefused(String name, String request) {
        RawHttp.Answer answer = send(request);

        assertThat(answer.status()).as(answer.text()).isBetween(400, 499);
        assertThat(answer.answers()).as(answer.text()).isEqualTo(1);
        assertThat(new JsonObject(answer.body()).getMap()).as(answer.text()).containsKey("error");
        assertThat(answer.text()).doesNotContain("X-Injected");
        assertThat(stack.openai().count()).isZero();
    }

    @Test
    void noLetterInPlaceOfTheHyphenMakesAContentLength() {
        for (char letter = ' '; letter < 0x7f; letter++) {
            if (letter == '-' || letter == ':') {
                continue;
            }
            String smuggled =
                    head("POST /v1/chat/completions", "Content" + letter + "ength: 5", "Content-" + letter + "ength: 5")
                            + "GET /live HTTP/1.1\r\nHost: x\r\n\r\n";
            RawHttp.Answer answer = letter == 'L' || letter == 'l' ? send(post("/v1/x", "{}")) : send(smuggled);
            assertThat(answer.status())
                    .as("letter %s: %s", letter, answer.text())
                    .isBetween(400, 499);
        }
        assertThat(stack.openai().count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/modelsX",
                "/v1/models/",
                "/v1//models",
                "//v1/models",
                "/v1/./models",
                "/v1/../v1/models",
                "/v1/files/..%2fmodels",
                "/v1/files/%2e%2e/models",
                "/v1%2fmodels",
                "/v1/models%00",
                "/v1/models%0d%0aX-Injected:%20y",
                "/v1/models;x=y",
                "/v1\\models",
                "/v1/models%5c",
                "/v1/models%",
                "/v1/models%zz",
                "/v1/models%252f",
                "/V1/MODELS",
                "/v1/chat/completions/../../models",
                "/v1/fine_tuning/jobs",
                "/manage/projects",
                "/api/vault/",
                "/api/vault/openai/..",
                "/api/relay/nonce/0x1234/.."
            })
    void onlyThePathItselfIsServed(String path) {
        RawHttp.Answer answer = send(head("GET " + path, "Authorization: Bearer " + token, "Connection: close"));

        assertThat(answer.status()).as(answer.text()).isBetween(400, 405);
        assertThat(answer.text()).doesNotContain("X-Injected: y\r\n");
        assertThat(stack.openai().count()).isZero();
    }

    static Stream<Arguments> malformedBodies() {
        byte[] notUtf8 = {'{', '"', 'm', '"', ':', '"', (byte) 0xc3, (byte) 0x28, '"', '}'};
        return Stream.of(
                Arguments.of("truncated", CHAT.substring(0, CHAT.length() - 2)),
                Arguments.of("empty", ""),
                Arguments.of("not an object", "[1]"),
                Arguments.of(
                        "depth 10^6",
                        "{\"model\":\"gpt-4o-mini\",\"messages\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000)
                                + "}"),
                Arguments.of("not UTF-8", new String(notUtf8, StandardCharsets.ISO_8859_1)),
                Arguments.of("duplicate model", CHAT.replace("{\"model\"", "{\"model\":\"other\",\"model\"")),
                Arguments.of("more behind it", CHAT + CHAT),
                Arguments.of("NaN", CHAT.replace("\"x\"", "NaN")),
                Arguments.of("long number", CHAT.replace("{", "{\"temperature\":1" + "0".repeat(100_000) + ",")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformedBodies")
    void aBodyThatIsNoRequestIsRefusedInTheDialectOfItsSurface(String name, String body) {
        JsonObject openai =
                new JsonObject(refused(post("/v1/chat/completions", body)).body());
        assertThat(openai.getJsonObject("error").getMap()).containsKeys("message", "type", "code");

        JsonObject anthropic =
                new JsonObject(refused(post("/v1/messages", body)).body());
        assertThat(anthropic.getString("type")).isEqualTo("error");
        assertThat(anthropic.getJsonObject("error").getMap()).containsKeys("message", "type");

        JsonObject relay = new JsonObject(refused(post("/api/llm/proxy", body)).body());
        assertThat(relay.getString("detail")).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "115792089237316195423570985008687907853269984665640564039457584007913129639936",
                "115792089237316195423570985008687907853269984665640564039457584007913129639936000000",
                "-1",
                "1.5",
                "1e400",
                "\"0x1_0\"",
                "{}"
            })
    void aNonceThatIsNo256BitNumberIsRefused(String nonce) {
        String body = "{\"signature\":\"0x" + "11".repeat(65)
                + "\",\"typedData\":{\"domain\":{\"name\":\"LLM Relay Service\","
                + "\"version\":\"1\",\"chainId\":1},\"primaryType\":\"LLMRequest\",\"types\":{\"LLMRequest\":["
                + "{\"name\":\"prompt\",\"type\":\"string\"},{\"name\":\"model\",\"type\":\"string\"},"
                + "{\"name\":\"wallet\",\"type\":\"address\"},{\"name\":\"nonce\",\"type\":\"uint256\"},"
                + "{\"name\":\"timestamp\",\"type\":\"uint256\"}]},\"message\":{\"prompt\":\"x\",\"model\":\"gpt-4\","
                + "\"wallet\":\"0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\",\"nonce\":" + nonce
                + ",\"timestamp\":1700000000}}}";

        RawHttp.Answer answer = refused(post("/api/llm/proxy", body));

        assertThat(new JsonObject(answer.body()).getString("detail")).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\nab\r\n0\r\n\r\n",
                "-1\r\nab\r\n0\r\n\r\n",
                "0x2\r\n{}\r\n0\r\n\r\n",
                "2_\r\n{}\r\n0\r\n\r\n",
                "100000004\r\n{}\r\n0\r\n\r\n",
                "ffffffffffffffff2\r\n{}\r\n0\r\n\r\n",
                "2\n{}\r\n0\r\n\r\n",
                "2\r\n{}X\r\n0\r\n\r\n",
                " 2\r\n{}\r\n0\r\n\r\n"
            })
    void aChunkThatCannotBeMeasuredEndsTheConnection(String chunks) {
        RawHttp.Answer answer = send(head(
                        "POST /v1/chat/completions",
                        "Authorization: Bearer " + token,
                        "Content-Type: application/json",
                        "Transfer-Encoding: chunked")
                + chunks
                + "GET /live HTTP/1.1\r\nHost: x\r\n\r\n");

        assertThat(answer.closed()).isTrue();
        assertThat(answer.answers()).as(answer.text()).isLessThanOrEqualTo(1);
        assertThat(answer.status() == 0 || answer.status() >= 400 && answer.status() < 500)
                .as(answer.text())
                .isTrue();
        assertThat(stack.openai().count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /live\r\n", "GET /live\r\n\r\n", "GET\r\n\r\n", "\0\0\0\0\r\n\r\n"})
    void whatIsNoHttpAtAllIsAnsweredOnceAndEnded(String request) {
        RawHttp.Answer answer = send(request);

        assertThat(answer.closed()).isTrue();
        assertThat(answer.answers()).as(answer.text()).isLessThanOrEqualTo(1);
        assertThat(answer.status() == 0 || answer.status() >= 400 && answer.status() < 500)
                .as(answer.text())
                .isTrue();
    }

    @Test
    void aBodyThatIsAnnouncedAsTooLongIsRefusedUnread() {
        RawHttp.Answer answer = send(
                head("POST /v1/chat/completions", "Authorization: Bearer " + token, "Content-Length: " + GIB) + "{");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).contains("request_too_large");
    }

    @Test
    void aClientThatAsksFirstIsRefusedBeforeItSendsTheBody() {
        RawHttp.Answer answer = send(head(
                "POST /v1/chat/completions",
                "Authorization: Bearer " + token,
                "Expect: 100-continue",
                "Content-Length: " + GIB));

        assertThat(answer.status()).isEqualTo(413);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGibibyteIsRefusedWhileItStreamsAndIsNeverHeld(boolean chunked) {
        long before = usedHeap();
        List<Long> written = new ArrayList<>();
        byte[] piece = new byte[64 << 10];
        java.util.Arrays.fill(piece, (byte) ' ');

        RawHttp.Answer answer = RawHttp.send(stack.port(), Duration.ofSeconds(20), out -> {
            try {
                String framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + GIB;
                out.write(ascii(head("POST /v1/chat/completions", "Authorization: Bearer " + token, framing)));
                for (long sent = 0; sent < GIB; sent += piece.length) {
                    chunk(out, piece, chunked);
                    written.add(sent);
                }
            } catch (IOException refused) {
                throw new UncheckedIOException(refused);
            }
        });

        assertThat(answer.status()).isEqualTo(413);
        assertThat(written.getLast()).isLessThan(512 * MIB);
        assertThat(usedHeap() - before).isLessThan(64 * MIB);
    }

    private static void chunk(OutputStream out, byte[] piece, boolean chunked) throws IOException {
        if (chunked) {
            out.write(ascii(Integer.toHexString(piece.length) + "\r\n"));
        }
        out.write(piece);
        if (chunked) {
            out.write(ascii("\r\n"));
        }
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static RawHttp.Answer refused(String request) {
        RawHttp.Answer answer = send(request);
        assertThat(answer.status()).as(answer.text()).isBetween(400, 499);
        assertThat(stack.openai().count()).isZero();
        return answer;
    }

    private static RawHttp.Answer send(String request) {
        return RawHttp.send(stack.port(), ascii(request), PATIENCE);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String post(String path, String body) {
        return head(
                        "POST " + path,
                        "Authorization: Bearer " + token,
                        "Content-Type: application/json",
                        "Connection: close",
                        "Content-Length: " + body.length())
                + body;
    }

    private static String head(String request, String... headers) {
        return request + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }
}
