package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code Converse} and {@code ConverseStream}. With {@code thinking} among the model's own fields the answer begins with signed
 * reasoning; reasoning that comes back must still have its signature. As the original, it wants speakers to take turns, no
 * blank text, and the tools as long as the conversation uses any.
 */
final class BedrockConverse {
    private static final int LATENCY_MILLIS = 12;

    static Reply whole(String model, JsonObject body, Script script) {
        Ask ask = ask(model, body, script, false);
        Answer answer = Answer.to(ask);
        JsonObject reply = JsonObject.of(
                "metrics",
                JsonObject.of("latencyMs", LATENCY_MILLIS),
                "output",
                JsonObject.of(
                        "message", JsonObject.of("content", content(answer, thought(body, ask)), "role", "assistant")),
                "stopReason",
                stopReason(answer));
        if (!script.usageOmitted()) {
            reply.put("usage", usage(ask, answer));
        }
        return Reply.json(200, reply)
                .with("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")
                .charged(Bill.Tariff.of(answer, 1));
    }

    static Reply streamed(String model, JsonObject body, Script script) {
        Ask ask = ask(model, body, script, true);
        Answer answer = Answer.to(ask);
        List<Frame> frames = new ArrayList<>();
        frames.add(EventStream.event("messageStart", JsonObject.of("p", "ab", "role", "assistant"), false));
        int block = 0;
        String thought = thought(body, ask);
        if (thought != null) {
            frames.add(delta(block, reasoning("text", thought), false));
            frames.add(delta(block, reasoning("signature", signature(thought)), false));
            frames.add(stop(block++));
        }
        for (String piece : answer.pieces()) {
            frames.add(delta(block, JsonObject.of("text", piece), true));
        }
        if (answer.calls().isEmpty()) {
            frames.add(stop(block));
        }
        for (Answer.Call call : answer.calls()) {
            JsonObject start = JsonObject.of("toolUse", JsonObject.of("name", call.name(), "toolUseId", id(call)));
            frames.add(EventStream.event(
                    "contentBlockStart", JsonObject.of("contentBlockIndex", block, "start", start), false));
            for (String piece : call.pieces()) {
                frames.add(delta(block, JsonObject.of("toolUse", JsonObject.of("input", piece)), true));
            }
            frames.add(stop(block++));
        }
        frames.add(EventStream.event("messageStop", JsonObject.of("stopReason", stopReason(answer)), false));
        JsonObject metadata = JsonObject.of("metrics", JsonObject.of("latencyMs", LATENCY_MILLIS));
        if (!script.usageOmitted()) {
            metadata.put("usage", usage(ask, answer));
        }
        frames.add(EventStream.event("metadata", metadata, false));
        return new Reply(200, EventStream.CONTENT_TYPE, List.of(), true, frames, Bill.Tariff.of(answer, 1));
    }

    private static Frame delta(int block, JsonObject delta, boolean content) {
        return EventStream.event(
                "contentBlockDelta", JsonObject.of("contentBlockIndex", block, "delta", delta, "p", "abcd"), content);
    }

    private static Frame stop(int block) {
        return EventStream.event("contentBlockStop", JsonObject.of("contentBlockIndex", block), false);
    }

    private static JsonObject reasoning(String field, String value) {
        return JsonObject.of("reasoningContent", JsonObject.of(field, value));
    }

    private static Ask ask(String model, JsonObject body, Script script, boolean streamed) {
        List<JsonObject> turns = Texts.objects(body.getJsonArray("messages"));
        if (turns.isEmpty() || !"user".equals(turns.getFirst().getString("role"))) {
            throw new Refusal(400, "A conversation must start with a user message.");
        }
        int inputTokens = Tokens.of(Texts.of(body.getValue("system")));
        String before = "";
        for (JsonObject turn : turns) {
            if (before.equals(turn.getString("role"))) {
                throw new Refusal(400, "A conversation must alternate between user and assistant roles.");
            }
            before = turn.getString("role", "");
            for (JsonObject block : Texts.objects(turn.getJsonArray("content"))) {
                check(block, body);
            }
            inputTokens += Tokens.of(texts(turn));
        }
        JsonObject last = turns.getLast();
        boolean toolResult =
                Texts.objects(last.getJsonArray("content")).stream().anyMatch(block -> block.containsKey("toolResult"));
        JsonObject config = body.getJsonObject("toolConfig", new JsonObject());
        JsonObject choice = config.getJsonObject("toolChoice", new JsonObject());
        JsonObject format = body.getJsonObject("outputConfig", new JsonObject())
                .getJsonObject("textFormat", new JsonObject())
                .getJsonObject("structure", new JsonObject())
                .getJsonObject("jsonSchema", new JsonObject());
        return new Ask(
                        model,
                        script,
                        streamed,
                        texts(last),
                        toolResult,
                        Math.max(1, inputTokens),
                        body.getJsonObject("inferenceConfig", new JsonObject())
                                .getInteger("maxTokens", Integer.MAX_VALUE),
                        tools(config),
                        choice.containsKey("any")
                                ? Ask.ANY_TOOL
                                : choice.getJsonObject("tool", new JsonObject()).getString("name", ""),
                        true,
                        1)
                .withTextSchema(format.getValue("schema") instanceof String schema ? new JsonObject(schema) : null);
    }

    private static void check(JsonObject block, JsonObject body) {
        if (block.getValue("text") instanceof String text && text.isBlank()) {
            throw new Refusal(400, "The text field in the ContentBlock object is blank.");
        }
        boolean tool = block.containsKey("toolUse") || block.containsKey("toolResult");
        if (tool && !body.containsKey("toolConfig")) {
            throw new Refusal(
                    400, "The toolConfig field must be defined when using toolUse and toolResult content blocks.");
        }
        JsonObject reasoning = block.getJsonObject("reasoningContent", new JsonObject())
                .getJsonObject("reasoningText", new JsonObject());
        if (!reasoning.isEmpty()
                && !signature(reasoning.getString("text", "")).equals(reasoning.getString("signature"))) {
            throw new Refusal(400, "Invalid `signature` in `thinking` block");
        }
    }

    private static String texts(JsonObject turn) {
        return Texts.objects(turn.getJsonArray("content")).stream()
                .map(block ->
                        block.containsKey("toolResult") ? result(block.getJsonObject("toolResult")) : Texts.of(block))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static String result(JsonObject result) {
        return Texts.objects(result.getJsonArray("content")).stream()
                .map(part -> part.containsKey("json") ? String.valueOf(part.getValue("json")) : Texts.of(part))
                .collect(Collectors.joining(" "));
    }

    private static List<Ask.Tool> tools(JsonObject config) {
        return Texts.objects(config.getJsonArray("tools")).stream()
                .map(tool -> tool.getJsonObject("toolSpec", new JsonObject()))
                .map(spec -> new Ask.Tool(
                        spec.getString("name", ""),
                        spec.getJsonObject("inputSchema", new JsonObject()).getJsonObject("json", new JsonObject())))
                .toList();
    }

    private static @Nullable String thought(JsonObject body, Ask ask) {
        JsonObject thinking = body.getJsonObject("additionalModelRequestFields", new JsonObject())
                .getJsonObject("thinking", new JsonObject());
        return thinking.getString("type", "disabled").equals("disabled") ? null : "thinking about: " + ask.lastText();
    }

    private static String signature(String thought) {
        return "signature-" + Ids.of("bedrock", thought);
    }

    private static JsonArray content(Answer answer, @Nullable String thought) {
        JsonArray content = new JsonArray();
        if (thought != null) {
            content.add(JsonObject.of(
                    "reasoningContent",
                    JsonObject.of("reasoningText", JsonObject.of("signature", signature(thought), "text", thought))));
        }
        if (answer.calls().isEmpty()) {
            content.add(JsonObject.of("text", answer.text()));
        }
        answer.calls()
                .forEach(call -> content.add(JsonObject.of(
                        "toolUse",
                        JsonObject.of("input", call.arguments(), "name", call.name(), "toolUseId", id(call)))));
        return content;
    }

    private static String id(Answer.Call call) {
        return "tooluse_" + call.id();
    }

    private static String stopReason(Answer answer) {
        return switch (answer.finish()) {
            case STOP -> "end_turn";
            case LENGTH -> "max_tokens";
            case TOOLS -> "tool_use";
        };
    }

    private static JsonObject usage(Ask ask, Answer answer) {
        return JsonObject.of(
                "inputTokens",
                ask.inputTokens(),
                "outputTokens",
                answer.outputTokens(),
                "totalTokens",
                ask.inputTokens() + answer.outputTokens());
    }

    private BedrockConverse() {}
}
