package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Expected shapes: the Gemini API reference for generateContent, streamGenerateContent and embedContent. */
final class FakeProviderGeminiTest {
    private static final String HELLO = "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi you\"}]}]}";

    private static FakeProvider provider;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
    }

    @AfterAll
    static void stop() {
        provider.close();
    }

    @Test
    void generatesContent() throws Exception {
        JsonObject response =
                Call.json(Call.gemini(provider).post("/v1beta/models/gemini-2.5-flash:generateContent", HELLO));

        JsonObject candidate = response.getJsonArray("candidates").getJsonObject(0);
        assertThat(candidate.getJsonObject("content").getJsonArray("parts"))
                .isEqualTo(JsonArray.of(JsonObject.of("text", "echo: hi you")));
        assertThat(candidate.getString("finishReason")).isEqualTo("STOP");
        assertThat(response.getJsonObject("usageMetadata"))
                .isEqualTo(JsonObject.of("promptTokenCount", 2, "candidatesTokenCount", 3, "totalTokenCount", 5));
    }

    @Test
    void streamsEventsThatEndWithTheUsage() throws Exception {
        String body = Call.gemini(provider)
                .post("/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse", HELLO)
                .body();

        List<JsonObject> events = Call.data(body).stream().map(JsonObject::new).toList();
        assertThat(body).contains("}\r\n\r\n");
        assertThat(events).hasSize(3);
        assertThat(events.getLast().getJsonObject("usageMetadata").getInteger("totalTokenCount"))
                .isEqualTo(5);
        assertThat(events.getFirst().getJsonArray("candidates").getJsonObject(0).containsKey("finishReason"))
                .isFalse();
    }

    @Test
    void streamsAnArrayWithoutAltSse() throws Exception {
        String body = Call.gemini(provider)
                .post("/v1beta/models/gemini-2.5-flash:streamGenerateContent", HELLO)
                .body();

        assertThat(new JsonArray(body)).hasSize(3);
    }

    @Test
    void embedsContent() throws Exception {
        JsonObject response = Call.json(Call.gemini(provider)
                .post(
                        "/v1beta/models/gemini-embedding-001:embedContent",
                        "{\"content\":{\"parts\":[{\"text\":\"cat\"}]},\"outputDimensionality\":16}"));

        assertThat(response.getJsonObject("embedding").getJsonArray("values")).hasSize(16);
    }

    @Test
    void readsAScriptFromTheModelInThePath() throws Exception {
        Call call = Call.gemini(provider);
        HttpResponse<String> literal = call.post("/v1beta/models/gemini-2.5-flash+status=503:generateContent", HELLO);
        HttpResponse<String> encoded =
                call.post("/v1beta/models/gemini-2.5-flash%2Bstatus%3D429:generateContent", HELLO);

        assertThat(Call.json(literal).getJsonObject("error").getString("status"))
                .isEqualTo("UNAVAILABLE");
        assertThat(encoded.statusCode()).isEqualTo(429);
    }

    @Test
    void refusesAMissingKey() throws Exception {
        HttpResponse<String> response = new Call(provider, "Authorization", "Bearer x")
                .post("/v1beta/models/gemini-2.5-flash:generateContent", HELLO);

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(Call.json(response).getJsonObject("error").getString("status"))
                .isEqualTo("UNAUTHENTICATED");
    }
}
