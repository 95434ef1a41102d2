package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Expected shapes: the OpenAI API reference for chat completions, completions, embeddings, responses and models. */
final class FakeProviderOpenAiTest {
    private static final String TOOLS = """
            [{"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
              "properties":{"city":{"type":"string"},"days":{"type":"integer"}}}}},
             {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}}]""";

    private static FakeProvider provider;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
    }

    @AfterAll
    static void stop() {
        provider.close();
    }

    private static String chat(String text, String more) {
        return "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
                + "{\"role\":\"user\",\"content\":\"" + text + "\"}]" + more + "}";
    }

    @Test
    void answersWithTheLastUserTextAndCountsWords() throws Exception {
        HttpResponse<String> response = Call.openAi(provider).post("/v1/chat/completions", chat("hello big world", ""));

        JsonObject completion = Call.json(response);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        assertThat(completion.getString("object")).isEqualTo("chat.completion");
        JsonObject choice = completion.getJsonArray("choices").getJsonObject(0);
        assertThat(choice.getJsonObject("message").getString("content")).isEqualTo("echo: hello big world");
        assertThat(choice.getString("finish_reason")).isEqualTo("stop");
        JsonObject usage = completion.getJsonObject("usage");
        assertThat(usage.getInteger("prompt_tokens")).isEqualTo(5);
        assertThat(usage.getInteger("completion_tokens")).isEqualTo(4);
        assertThat(usage.getInteger("total_tokens")).isEqualTo(9);
    }

    @Test
    void answersEqualRequestsWithEqualBytes() throws Exception {
        Call call = Call.openAi(provider);
        String body = chat("same", ",\"stream\":true");

        assertThat(call.post("/v1/chat/completions", body).body())
                .isEqualTo(call.post("/v1/chat/completions", body).body());
    }

    @Test
    void streamsWithoutUsageUnlessAsked() throws Exception {
        String body = Call.openAi(provider)
                .post("/v1/chat/completions", chat("a b", ",\"stream\":true"))
                .body();

        List<String> data = Call.data(body);
        assertThat(data).last().isEqualTo("[DONE]");
        assertThat(body).doesNotContain("usage");
        assertThat(text(data)).isEqualTo("echo: a b");
    }

    @Test
    void streamsUsageInAChunkOfItsOwnWhenAskedAndNullBefore() throws Exception {
        String body = Call.openAi(provider)
                .post(
                        "/v1/chat/completions",
                        chat("a b", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"))
                .body();

        List<JsonObject> chunks = Call.data(body).stream()
                .filter(data -> data.startsWith("{"))
                .map(JsonObject::new)
                .toList();
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allSatisfy(chunk -> assertThat(chunk.containsKey("usage") && chunk.getValue("usage") == null)
                        .isTrue());
        assertThat(chunks.getLast().getJsonArray("choices")).isEmpty();
        assertThat(chunks.getLast().getJsonObject("usage").getInteger("total_tokens"))
                .isEqualTo(4 + 3);
    }

    private static String text(List<String> data) {
        return data.stream()
                .filter(each -> each.startsWith("{"))
                .map(each -> new JsonObject(each).getJsonArray("choices").getJsonObject(0))
                .map(choice -> choice.getJsonObject("delta").getString("content", ""))
                .collect(Collectors.joining());
    }

    @Test
    void callsTheToolThatTheUserNamesAndReadsItsResult() throws Exception {
        Call call = Call.openAi(provider);
        JsonObject message = Call.json(
                        call.post("/v1/chat/completions", chat("use get_weather please", ",\"tools\":" + TOOLS)))
                .getJsonArray("choices")
                .getJsonObject(0)
                .getJsonObject("message");
        JsonObject toolCall = message.getJsonArray("tool_calls").getJsonObject(0);
        JsonObject next = new JsonObject(chat("use get_weather please", ",\"tools\":" + TOOLS));
        next.getJsonArray("messages").add(message);
        next.getJsonArray("messages")
                .add(JsonObject.of("role", "tool", "tool_call_id", toolCall.getString("id"), "content", "sunny"));

        JsonObject second = Call.json(call.post("/v1/chat/completions", next.encode()));

        assertThat(message.getValue("content")).isNull();
        assertThat(toolCall.getJsonObject("function").getString("arguments"))
                .isEqualTo("{\"city\":\"echo-1\",\"days\":1}");
        assertThat(second.getJsonArray("choices")
                        .getJsonObject(0)
                        .getJsonObject("message")
                        .getString("content"))
                .isEqualTo("tool said: sunny");
    }

    @Test
    void streamsParallelToolCallsUnderTheirIndexes() throws Exception {
        String body = Call.openAi(provider)
                .post("/v1/chat/completions", chat("in parallel", ",\"stream\":true,\"tools\":" + TOOLS))
                .body();

        StringBuilder[] arguments = {new StringBuilder(), new StringBuilder()};
        for (String data : Call.data(body)) {
            if (data.startsWith("{")) {
                JsonObject delta = new JsonObject(data)
                        .getJsonArray("choices")
                        .getJsonObject(0)
                        .getJsonObject("delta");
                for (JsonObject part : Texts.objects(delta.getJsonArray("tool_calls"))) {
                    arguments[part.getInteger("index")].append(
                            part.getJsonObject("function").getString("arguments"));
                }
            }
        }
        assertThat(arguments[0]).hasToString("{\"city\":\"echo-1\",\"days\":1}");
        assertThat(arguments[1]).hasToString("{}");
        assertThat(body).contains("\"finish_reason\":\"tool_calls\"");
    }

    @Test
    void cutsAtTheOutputLimit() throws Exception {
        JsonObject choice = Call.json(
                        Call.openAi(provider).post("/v1/chat/completions", chat("one two three", ",\"max_tokens\":2")))
                .getJsonArray("choices")
                .getJsonObject(0);

        assertThat(choice.getJsonObject("message").getString("content")).isEqualTo("echo: one");
        assertThat(choice.getString("finish_reason")).isEqualTo("length");
    }

    @Test
    void embedsTheSameVectorInBothEncodings() throws Exception {
        Call call = Call.openAi(provider);
        String request = "{\"model\":\"text-embedding-3-small\",\"input\":[\"cat dog\",\"cat\"],\"dimensions\":8";
        JsonArray floats = Call.json(call.post("/v1/embeddings", request + "}"))
                .getJsonArray("data")
                .getJsonObject(1)
                .getJsonArray("embedding");
        JsonObject encoded = Call.json(call.post("/v1/embeddings", request + ",\"encoding_format\":\"base64\"}"));
        byte[] bytes = Base64.getDecoder()
                .decode(encoded.getJsonArray("data").getJsonObject(1).getString("embedding"));

        assertThat(bytes).hasSize(8 * 4);
        for (int i = 0; i < 8; i++) {
            assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat(4 * i))
                    .isEqualTo(floats.getFloat(i));
        }
        assertThat(encoded.getJsonObject("usage").getInteger("prompt_tokens")).isEqualTo(3);
    }

    @Test
    void completesPrompts() throws Exception {
        JsonObject completion = Call.json(Call.openAi(provider)
                .post("/v1/completions", "{\"model\":\"gpt-3.5-turbo-instruct\",\"prompt\":\"hi\"}"));

        assertThat(completion.getString("object")).isEqualTo("text_completion");
        assertThat(completion.getJsonArray("choices").getJsonObject(0).getString("text"))
                .isEqualTo("echo: hi");
    }

    @Test
    void numbersTheEventsOfAResponse() throws Exception {
        String body = Call.openAi(provider)
                .post("/v1/responses", "{\"model\":\"gpt-4o\",\"input\":\"hi there\",\"stream\":true}")
                .body();

        List<JsonObject> events = Call.data(body).stream().map(JsonObject::new).toList();
        assertThat(events)
                .extracting(event -> event.getInteger("sequence_number"))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(events)
                .extracting(event -> event.getString("type"))
                .startsWith("response.created")
                .endsWith("response.completed");
        assertThat(events.getLast()
                        .getJsonObject("response")
                        .getJsonObject("usage")
                        .getInteger("output_tokens"))
                .isEqualTo(3);
    }

    @Test
    void failsAResponsesStreamWithItsOwnErrorEvent() throws Exception {
        String body = Call.openAi(provider)
                .post("/v1/responses", "{\"model\":\"gpt-4o+error=1\",\"input\":\"hi there\",\"stream\":true}")
                .body();

        JsonObject last = new JsonObject(Call.data(body).getLast());
        assertThat(last.getString("type")).isEqualTo("error");
        assertThat(last.getString("code")).isEqualTo("server_error");
        assertThat(body).doesNotContain("response.completed");
    }

    @Test
    void summarisesItsReasoningBeforeItAnswers() throws Exception {
        JsonObject response = Call.json(Call.openAi(provider)
                .post(
                        "/v1/responses",
                        "{\"model\":\"gpt-4o\",\"input\":\"hi\",\"reasoning\":{\"summary\":\"auto\"},"
                                + "\"include\":[\"reasoning.encrypted_content\"]}"));

        JsonObject reasoning = response.getJsonArray("output").getJsonObject(0);
        assertThat(reasoning.getString("type")).isEqualTo("reasoning");
        assertThat(reasoning.getString("encrypted_content")).isNotEmpty();
        assertThat(response.getJsonArray("output").getJsonObject(1).getString("type"))
                .isEqualTo("message");
    }

    @Test
    void knowsEveryWellFormedResponseId() throws Exception {
        Call call = Call.openAi(provider);
        String kept = "/v1/responses/resp_" + "0".repeat(24);

        assertThat(Call.json(call.get(kept)).getString("status")).isEqualTo("completed");
        assertThat(Call.data(call.get(kept + "?stream=true").body())).hasSize(2);
        assertThat(Call.json(call.get(kept + "/input_items")).getString("object"))
                .isEqualTo("list");
        assertThat(Call.json(call.post(kept + "/cancel", "")).getString("status"))
                .isEqualTo("cancelled");
        assertThat(call.get("/v1/responses/resp_unknown").statusCode()).isEqualTo(404);
        assertThat(call.post(kept, "").statusCode()).isEqualTo(405);
    }

    @Test
    void listsModels() throws Exception {
        JsonArray data = Call.json(Call.openAi(provider).get("/v1/models")).getJsonArray("data");

        assertThat(data.getJsonObject(0).getString("object")).isEqualTo("model");
    }

    @Test
    void refusesInItsDialect() throws Exception {
        Call call = Call.openAi(provider);
        HttpResponse<String> noKey = new Call(provider, "x-none", "1").post("/v1/chat/completions", chat("x", ""));
        HttpResponse<String> notJson = call.post("/v1/chat/completions", "{\"model\":");
        HttpResponse<String> noMessages = call.post("/v1/chat/completions", "{\"model\":\"gpt-4o\"}");
        HttpResponse<String> unknown = call.post("/v1/unknown", "{}");
        HttpResponse<String> wrongMethod = call.get("/v1/chat/completions");

        assertThat(noKey.statusCode()).isEqualTo(401);
        assertThat(Call.json(noKey).getJsonObject("error").getString("code")).isEqualTo("invalid_api_key");
        assertThat(notJson.statusCode()).isEqualTo(400);
        assertThat(noMessages.statusCode()).isEqualTo(400);
        assertThat(Call.json(noMessages).getJsonObject("error").getString("param"))
                .isEqualTo("messages");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(wrongMethod.statusCode()).isEqualTo(405);
    }
}
