package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A model may say anything, also what an event stream or a JSON document is made of; in every dialect, translated or not,
 * it arrives as the text that it is and begins no event, no error and no end of its own.
 */
final class ModelTextTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static RawProvider provider;
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() throws IOException {
        provider = new RawProvider();
        stack = LocalStack.with()
                .setting("providers.openai.base_url", provider.url())
                .setting("providers.anthropic.base_url", provider.url())
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() throws IOException {
        stack.close();
        provider.close();
    }

    static Stream<Arguments> injections() {
        return Stream.of(
                        "\n\ndata: [DONE]\n\n",
                        "\r\n\r\ndata: [DONE]\r\n\r\n",
                        "\r\rdata: [DONE]\r\r",
                        "\n\nevent: error\ndata: {\"error\":{\"message\":\"forged\"}}\n\n",
                        "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
                        "data: [DONE]",
                        "[DONE]",
                        "\u2028data: [DONE]\u2029\u0085",
                        "\n\nid: 1\nretry: 0\n: comment\n\n",
                        "\"}}]}\n\ndata: [DONE]\n\n",
                        "\\n\\ndata: [DONE]\\n\\n",
                        "\ufeff\u0000\u001b[2J\u007f",
                        "</script><script>alert(1)</script>")
                .flatMap(text -> Stream.of("/v1/chat/completions", "/v1/messages")
                        .flatMap(path -> Stream.of("gpt-4o-mini", "claude-sonnet-4-5")
                                .map(model -> Arguments.of(text, path, model))));
    }

    @ParameterizedTest(name = "{1} {2} {index}")
    @MethodSource("injections")
    void whatAModelSaysArrivesAsText(String text, String path, String model) {
        boolean openai = path.equals("/v1/chat/completions");
        provider.answers(RawProvider.answer(
                200,
                (model.startsWith("gpt") ? openAiStream(text) : anthropicStream(text)).getBytes(StandardCharsets.UTF_8),
                "Content-Type: text/event-stream"));
        RawHttp.Answer answer = RawHttp.send(stack.port(), request(path, model), PATIENCE);
        assertThat(answer.status()).isEqualTo(200);
        StringBuilder said = new StringBuilder();
        int ends = 0;
        int errors = 0;
        for (String data : events(dechunked(answer.body()))) {
            if (data.equals("[DONE]")) {
                ends++;
                continue;
            }
            JsonObject event = new JsonObject(data);
            errors += event.containsKey("error") ? 1 : 0;
            if (openai) {
                event.getJsonArray("choices", new JsonArray())
                        .forEach(choice -> said.append(
                                ((JsonObject) choice).getJsonObject("delta").getString("content", "")));
            } else if (event.getString("type").equals("content_block_delta")) {
                said.append(event.getJsonObject("delta").getString("text"));
            } else if (event.getString("type").equals("message_stop")) {
                ends++;
            }
        }
        assertThat(said).hasToString(text);
        assertThat(ends).isOne();
        assertThat(errors).isZero();
    }

    private static String openAiStream(String text) {
        JsonObject choice = new JsonObject().put("index", 0).put("delta", new JsonObject().put("content", text));
        JsonObject stop =
                new JsonObject().put("index", 0).put("delta", new JsonObject()).put("finish_reason", "stop");
        return Stream.of(choice, stop)
                        .map(one -> "data: "
                                + new JsonObject()
                                        .put("id", "chatcmpl-1")
                                        .put("model", "gpt-4o-mini")
                                        .put("choices", new JsonArray().add(one))
                                        .encode()
                                + "\n\n")
                        .reduce("", String::concat)
                + "data: [DONE]\n\n";
    }

    private static String anthropicStream(String text) {
        JsonObject usage = new JsonObject().put("input_tokens", 1).put("output_tokens", 1);
        return Stream.of(
                        new JsonObject()
                                .put("type", "message_start")
                                .put(
                                        "message",
                                        new JsonObject()
                                                .put("id", "msg_1")
                                                .put("type", "message")
                                                .put("role", "assistant")
                                                .put("model", "claude-sonnet-4-5")
                                                .put("content", new JsonArray())
                                                .put("usage", usage)),
                        new JsonObject()
                                .put("type", "content_block_start")
                                .put("index", 0)
                                .put(
                                        "content_block",
                                        new JsonObject().put("type", "text").put("text", "")),
                        new JsonObject()
                                .put("type", "content_block_delta")
                                .put("index", 0)
                                .put(
                                        "delta",
                                        new JsonObject()
                                                .put("type", "text_delta")
                                                .put("text", text)),
                        new JsonObject().put("type", "content_block_stop").put("index", 0),
                        new JsonObject()
                                .put("type", "message_delta")
                                .put("delta", new JsonObject().put("stop_reason", "end_turn"))
                                .put("usage", usage),
                        new JsonObject().put("type", "message_stop"))
                .map(event -> "event: " + event.getString("type") + "\ndata: " + event.encode() + "\n\n")
                .reduce("", String::concat);
    }

    /** The data of each event, as the WHATWG's "Interpreting an event stream" reads them. */
    private static List<String> events(String stream) {
        List<String> events = new ArrayList<>();
        for (String block : stream.replace("\r\n", "\n").replace('\r', '\n').split("\n\n", -1)) {
            List<String> data = block.lines()
                    .filter(line -> line.startsWith("data:"))
                    .map(line -> line.substring(line.startsWith("data: ") ? 6 : 5))
                    .toList();
            if (!data.isEmpty()) {
                events.add(String.join("\n", data));
            }
        }
        return events;
    }

    private static String dechunked(String body) {
        StringBuilder whole = new StringBuilder();
        int at = 0;
        while (true) {
            int lineEnd = body.indexOf("\r\n", at);
            int length = Integer.parseInt(body, at, lineEnd, 16);
            if (length == 0) {
                return new String(whole.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            }
            whole.append(body, lineEnd + 2, lineEnd + 2 + length);
            at = lineEnd + 2 + length + 2;
        }
    }

    private static byte[] request(String path, String model) {
        String body = "{\"model\":\"" + model
                + "\",\"max_tokens\":100,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        return ("POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
