package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Expected shapes: Anthropic's Messages API reference and its streaming guide. */
final class FakeProviderAnthropicTest {
    private static final String TOOLS =
            "[{\"name\":\"get_weather\",\"input_schema\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}]";

    private static FakeProvider provider;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
    }

    @AfterAll
    static void stop() {
        provider.close();
    }

    private static String messages(String text, String more) {
        return "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":100,\"system\":\"be brief\","
                + "\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]" + more + "}";
    }

    @Test
    void answersWithTheLastUserTextAndCountsWords() throws Exception {
        JsonObject message = Call.json(Call.anthropic(provider).post("/v1/messages", messages("hello world", "")));

        assertThat(message.getString("type")).isEqualTo("message");
        assertThat(message.getJsonArray("content"))
                .isEqualTo(JsonArray.of(JsonObject.of("type", "text", "text", "echo: hello world")));
        assertThat(message.getString("stop_reason")).isEqualTo("end_turn");
        assertThat(message.getJsonObject("usage").getInteger("input_tokens")).isEqualTo(4);
        assertThat(message.getJsonObject("usage").getInteger("output_tokens")).isEqualTo(3);
    }

    @Test
    void goesOnWithATurnThatTheAssistantHasBegun() throws Exception {
        String turns = "{\"model\":\"claude-sonnet-4-5%s\",\"max_tokens\":100,\"messages\":["
                + "{\"role\":\"user\",\"content\":\"hello world\"},{\"role\":\"assistant\",\"content\":\"echo: hel%s\"}]}";

        assertThat(text(turns.formatted("", ""))).isEqualTo("lo world");
        assertThat(text(turns.formatted("+again=3", ""))).isEqualTo("hello world");
        assertThat(text(turns.formatted("", "p"))).isEqualTo("echo: hello world");
        assertThat(Call.anthropic(provider)
                        .post("/v1/messages", turns.formatted("", " "))
                        .statusCode())
                .isEqualTo(400);
    }

    private static String text(String body) throws Exception {
        return Call.json(Call.anthropic(provider).post("/v1/messages", body))
                .getJsonArray("content")
                .getJsonObject(0)
                .getString("text");
    }

    @Test
    void streamsEventsInTheDocumentedOrder() throws Exception {
        String body = Call.anthropic(provider)
                .post("/v1/messages", messages("hi", ",\"stream\":true"))
                .body();

        List<String> names = body.lines()
                .filter(line -> line.startsWith("event: "))
                .map(line -> line.substring(7))
                .toList();
        List<JsonObject> events = Call.data(body).stream().map(JsonObject::new).toList();
        assertThat(names)
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "ping",
                        "content_block_delta",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(events).extracting(event -> event.getString("type")).containsExactlyElementsOf(names);
        assertThat(events.getFirst()
                        .getJsonObject("message")
                        .getJsonObject("usage")
                        .getInteger("input_tokens"))
                .isEqualTo(3);
        JsonObject messageDelta = events.get(events.size() - 2);
        assertThat(messageDelta.getJsonObject("usage").getInteger("output_tokens"))
                .isEqualTo(2);
        assertThat(messageDelta.getJsonObject("delta").getString("stop_reason")).isEqualTo("end_turn");
    }

    @Test
    void streamsToolInputAsPartialJson() throws Exception {
        String body = Call.anthropic(provider)
                .post("/v1/messages", messages("get_weather now", ",\"stream\":true,\"tools\":" + TOOLS))
                .body();

        String input = Call.data(body).stream()
                .map(JsonObject::new)
                .filter(event -> "content_block_delta".equals(event.getString("type")))
                .map(event -> event.getJsonObject("delta").getString("partial_json"))
                .collect(Collectors.joining());
        assertThat(input).isEqualTo("{\"city\":\"echo-1\"}");
        assertThat(body).contains("\"stop_reason\":\"tool_use\"");
    }

    @Test
    void thinksWhenAskedAndTakesBackOnlyWhatItSigned() throws Exception {
        Call call = Call.anthropic(provider);
        String thinking = ",\"thinking\":{\"type\":\"adaptive\"}";
        JsonObject thought = Call.json(call.post("/v1/messages", messages("hi", thinking)))
                .getJsonArray("content")
                .getJsonObject(0);
        String streamed = call.post("/v1/messages", messages("hi", thinking + ",\"stream\":true"))
                .body();
        String next = "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":100,\"messages\":["
                + "{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":[" + thought.encode()
                + "]},{\"role\":\"user\",\"content\":\"go on\"}]}";

        assertThat(thought.getString("thinking")).isEqualTo("thinking about: hi");
        assertThat(streamed)
                .contains("\"thinking_delta\",\"thinking\":\"thinking about: hi\"")
                .contains("\"signature\":\"" + thought.getString("signature") + "\"");
        assertThat(call.post("/v1/messages", next).statusCode()).isEqualTo(200);
        assertThat(call.post("/v1/messages", messages("hi", thinking + ",\"temperature\":0.3"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(call.post("/v1/messages", next.replace("about: hi", "about: bye"))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void keepsToAJsonSchema() throws Exception {
        JsonObject message = Call.json(Call.anthropic(provider)
                .post(
                        "/v1/messages",
                        messages(
                                "hi",
                                ",\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\","
                                        + "\"properties\":{\"days\":{\"type\":\"integer\"}}}}}")));

        assertThat(message.getJsonArray("content").getJsonObject(0).getString("text"))
                .isEqualTo("{\"days\":1}");
    }

    @Test
    void countsTokens() throws Exception {
        JsonObject count =
                Call.json(Call.anthropic(provider).post("/v1/messages/count_tokens", messages("one two three", "")));

        assertThat(count).isEqualTo(JsonObject.of("input_tokens", 5));
    }

    @Test
    void acceptsABearerTokenAsNewerClientsSendIt() throws Exception {
        Call call = new Call(provider, "Authorization", "Bearer sk-ant-1", "anthropic-version", "2026-10-21");

        assertThat(call.post("/v1/messages", messages("x", "")).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesInItsDialect() throws Exception {
        HttpResponse<String> noKey =
                new Call(provider, "anthropic-version", "2023-06-01").post("/v1/messages", messages("x", ""));
        HttpResponse<String> noVersion =
                new Call(provider, "x-api-key", "sk-ant-1").post("/v1/messages", messages("x", ""));
        HttpResponse<String> noCap =
                Call.anthropic(provider).post("/v1/messages", "{\"model\":\"claude-sonnet-4-5\",\"messages\":[]}");
        HttpResponse<String> overloaded = Call.anthropic(provider)
                .post("/v1/messages", messages("x", "").replace("sonnet-4-5", "sonnet-4-5+status=529"));

        assertThat(noKey.statusCode()).isEqualTo(401);
        assertThat(Call.json(noKey).getString("type")).isEqualTo("error");
        assertThat(Call.json(noKey).getJsonObject("error").getString("type")).isEqualTo("authentication_error");
        assertThat(noVersion.statusCode()).isEqualTo(400);
        assertThat(Call.json(noCap).getJsonObject("error").getString("message"))
                .isEqualTo("max_tokens: Field required");
        assertThat(overloaded.statusCode()).isEqualTo(529);
        assertThat(Call.json(overloaded).getJsonObject("error").getString("type"))
                .isEqualTo("overloaded_error");
    }
}
