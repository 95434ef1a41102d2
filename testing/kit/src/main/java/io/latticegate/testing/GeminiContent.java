package io.latticegate.testing;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gemini's {@code generateContent}, {@code streamGenerateContent}, {@code countTokens} and both embedding calls. */
final class GeminiContent {
    private static final int DIMENSIONS = 768;

    static Reply whole(String model, JsonObject body, Script script) {
        Ask ask = ask(model, body, script, false);
        Answer answer = Answer.to(ask);
        return Reply.json(200, response(ask, answer, parts(answer), finish(answer), true))
                .charged(Bill.Tariff.of(answer, 1));
    }

    /** With {@code alt=sse} as events (lines end in CRLF, as at the original), otherwise as the elements of a JSON array. */
    static Reply streamed(String model, JsonObject body, Script script, boolean events) {
        Ask ask = ask(model, body, script, true);
        Answer answer = Answer.to(ask);
        List<JsonObject> responses = new ArrayList<>();
        if (answer.calls().isEmpty()) {
            for (int i = 0; i < answer.pieces().size(); i++) {
                boolean last = i == answer.pieces().size() - 1;
                JsonArray parts =
                        JsonArray.of(JsonObject.of("text", answer.pieces().get(i)));
                responses.add(response(ask, answer, parts, last ? finish(answer) : null, last));
            }
        } else {
            responses.add(response(ask, answer, parts(answer), finish(answer), true));
        }
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < responses.size(); i++) {
            JsonObject response = responses.get(i);
            frames.add(
                    events
                            ? event(response, true)
                            : new Frame(Buffer.buffer((i == 0 ? "[" : ",\r\n") + response.encode()), true));
        }
        if (events) {
            return Reply.events(frames).charged(Bill.Tariff.of(answer, 1));
        }
        frames.add(Frame.of("]"));
        return new Reply(200, "application/json; charset=UTF-8", List.of(), true, frames, Bill.Tariff.of(answer, 1));
    }

    static Reply count(String model, JsonObject body) {
        return Reply.json(
                200,
                JsonObject.of(
                        "totalTokens", ask(model, body, Script.PLAIN, false).inputTokens()));
    }

    static Reply embedding(JsonObject body) {
        return Reply.json(200, JsonObject.of("embedding", values(body)));
    }

    static Reply embeddings(JsonObject body) {
        JsonArray embeddings = new JsonArray();
        Texts.objects(body.getJsonArray("requests")).forEach(request -> embeddings.add(values(request)));
        return Reply.json(200, JsonObject.of("embeddings", embeddings));
    }

    private static JsonObject values(JsonObject request) {
        if (!(request.getValue("content") instanceof JsonObject content)) {
            throw new Refusal(400, "content is required");
        }
        JsonArray values = new JsonArray();
        int dimensions = Math.clamp(request.getInteger("outputDimensionality", DIMENSIONS), 1, 3072);
        for (float component : Embedding.of(Texts.of(content), dimensions)) {
            values.add(component);
        }
        return JsonObject.of("values", values);
    }

    static Frame event(JsonObject json, boolean content) {
        return new Frame(Buffer.buffer("data: " + json.encode() + "\r\n\r\n"), content);
    }

    private static Ask ask(String model, JsonObject body, Script script, boolean streamed) {
        List<JsonObject> contents = Texts.objects(body.getJsonArray("contents"));
        if (contents.isEmpty()) {
            throw new Refusal(400, "* GenerateContentRequest.contents: contents is not specified\n");
        }
        int inputTokens = Tokens.of(Texts.of(body.getValue("systemInstruction")));
        for (JsonObject content : contents) {
            inputTokens += Tokens.of(Texts.of(content));
        }
        JsonArray lastParts = contents.getLast().getJsonArray("parts", new JsonArray());
        boolean toolResult = Texts.objects(lastParts).stream().anyMatch(part -> part.containsKey("functionResponse"));
        String lastText = contents.reversed().stream()
                .filter(content -> !"model".equals(content.getString("role")))
                .map(Texts::of)
                .findFirst()
                .map(text -> toolResult ? text.replace('\n', ' ') : text)
                .orElse("");
        JsonObject calling = body.getJsonObject("toolConfig", new JsonObject())
                .getJsonObject("functionCallingConfig", new JsonObject());
        String mode = calling.getString("mode", "AUTO");
        JsonArray allowed = calling.getJsonArray("allowedFunctionNames", new JsonArray());
        JsonObject generation = body.getJsonObject("generationConfig", new JsonObject());
        Ask ask = new Ask(
                model,
                script,
                streamed,
                lastText,
                toolResult,
                Math.max(1, inputTokens),
                generation.getInteger("maxOutputTokens", Integer.MAX_VALUE),
                mode.equals("NONE") ? List.of() : tools(body),
                !mode.equals("ANY") ? "" : allowed.size() == 1 ? allowed.getString(0) : Ask.ANY_TOOL,
                true,
                1);
        return ask.withTextSchema(generation.getValue("responseJsonSchema", generation.getValue("responseSchema")));
    }

    private static List<Ask.Tool> tools(JsonObject body) {
        List<Ask.Tool> tools = new ArrayList<>();
        for (JsonObject group : Texts.objects(body.getJsonArray("tools"))) {
            for (JsonObject function : Texts.objects(group.getJsonArray("functionDeclarations"))) {
                JsonObject schema = function.getJsonObject(
                        "parameters", function.getJsonObject("parametersJsonSchema", new JsonObject()));
                tools.add(new Ask.Tool(function.getString("name", ""), schema));
            }
        }
        return tools;
    }

    private static String finish(Answer answer) {
        return answer.finish() == Answer.Finish.LENGTH ? "MAX_TOKENS" : "STOP";
    }

    private static JsonArray parts(Answer answer) {
        if (answer.calls().isEmpty()) {
            return JsonArray.of(JsonObject.of("text", answer.text()));
        }
        JsonArray parts = new JsonArray();
        answer.calls()
                .forEach(call -> parts.add(JsonObject.of(
                        "functionCall",
                        JsonObject.of("id", call.id(), "name", call.name(), "args", call.arguments()))));
        return parts;
    }

    private static JsonObject response(
            Ask ask, Answer answer, JsonArray parts, @Nullable String finish, boolean outputCounted) {
        JsonObject candidate = JsonObject.of("content", JsonObject.of("parts", parts, "role", "model"));
        if (finish != null) {
            candidate.put("finishReason", finish);
        }
        JsonObject response = JsonObject.of("candidates", JsonArray.of(candidate.put("index", 0)));
        if (!ask.script().usageOmitted()) {
            JsonObject usage = JsonObject.of("promptTokenCount", ask.inputTokens());
            if (outputCounted) {
                usage.put("candidatesTokenCount", answer.outputTokens());
            }
            response.put(
                    "usageMetadata",
                    usage.put("totalTokenCount", ask.inputTokens() + (outputCounted ? answer.outputTokens() : 0)));
        }
        return response.put("modelVersion", ask.model())
                .put("responseId", Ids.of("gemini", ask.model(), ask.lastText()));
    }

    private GeminiContent() {}
}
