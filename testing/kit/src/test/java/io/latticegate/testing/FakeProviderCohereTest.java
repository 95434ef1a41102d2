package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected shapes: Cohere's API reference, that of Text Generation Inference, and Azure OpenAI's. */
final class FakeProviderCohereTest {
    private static final String HELLO =
            "{\"model\":\"command-a\",\"messages\":[{\"role\":\"user\",\"content\":\"hi you\"}]";

    private static FakeProvider provider;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
    }

    @AfterAll
    static void stop() {
        provider.close();
    }

    private static Call bearer() {
        return new Call(provider, "Authorization", "Bearer x");
    }

    @Test
    void chats() throws Exception {
        JsonObject reply = Call.json(bearer().post("/v2/chat", HELLO + "}"));

        assertThat(reply.getJsonObject("message").getJsonArray("content"))
                .isEqualTo(JsonArray.of(JsonObject.of("type", "text", "text", "echo: hi you")));
        assertThat(reply.getString("finish_reason")).isEqualTo("COMPLETE");
        assertThat(reply.getJsonObject("usage").getJsonObject("billed_units"))
                .isEqualTo(JsonObject.of("input_tokens", 2, "output_tokens", 3));
    }

    @Test
    void streamsEventsThatEndWithTheUsage() throws Exception {
        String body = bearer().post("/v2/chat", HELLO + ",\"stream\":true}").body();

        List<JsonObject> events = Call.data(body).stream().map(JsonObject::new).toList();
        assertThat(body).startsWith("event: message-start\n");
        assertThat(events.stream().map(event -> event.getString("type")).distinct())
                .containsExactly("message-start", "content-start", "content-delta", "content-end", "message-end");
        assertThat(events.getLast().getJsonObject("delta").getJsonObject("usage"))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"p\":1", "\"frequency_penalty\":-1", "\"tool_choice\":\"auto\"", "\"k\":501"})
    void refusesWhatTheOriginalDoesNotTake(String field) throws Exception {
        HttpResponse<String> response = bearer().post("/v2/chat", HELLO + "," + field + "}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Call.json(response).getString("message")).startsWith("invalid request");
    }

    @Test
    void generatesText() throws Exception {
        JsonObject reply =
                Call.json(bearer().post("/generate", "{\"inputs\":\"hi you\",\"parameters\":{\"max_new_tokens\":2}}"));

        assertThat(reply.getString("generated_text")).isEqualTo("echo: hi");
        assertThat(reply.getJsonObject("details").getString("finish_reason")).isEqualTo("length");
    }

    @Test
    void azureWantsItsVersionAndItsCredential() throws Exception {
        Call azure = new Call(provider, "api-key", "x");
        String deployment = "/openai/deployments/gpt-4o/chat/completions";

        assertThat(azure.post(deployment + "?api-version=2024-10-21", HELLO + "}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(azure.post(deployment, HELLO + "}").statusCode()).isEqualTo(404);
        assertThat(bearer().post("/openai/v1/chat/completions", HELLO + "}").statusCode())
                .isEqualTo(401);
    }
}
