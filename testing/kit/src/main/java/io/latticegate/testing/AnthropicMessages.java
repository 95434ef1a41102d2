package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/messages}, streamed and not, and {@code /v1/messages/count_tokens}. With {@code thinking} the answer begins
 * with a signed thinking block, which excludes a temperature and a forced call; a thinking block that comes back must still
 * have its signature. A last turn of the assistant's is the beginning of the answer; it excludes thinking and must not end in
 * white space.
 */
final class AnthropicMessages {
    static Reply answer(JsonObject body, Script script) {
        if (!(body.getValue("max_tokens") instanceof Integer maxTokens)) {
            throw new Refusal(400, "max_tokens: Field required");
        }
        if (maxTokens < 1) {
            throw new Refusal(400, "max_tokens: must be greater than or equal to 1");
        }
        Ask ask = ask(body, script, maxTokens)
                .withTextSchema(body.getJsonObject("output_config", new JsonObject())
                        .getJsonObject("format", new JsonObject())
                        .getValue("schema"))
                .withBegun(begun(body));
        Answer answer = Answer.to(ask);
        String thought = thought(body, ask);
        Reply reply = ask.streamed()
                ? Reply.events(frames(ask, answer, thought))
                : Reply.json(
                        200,
                        message(ask, content(answer, thought), stopReason(answer), usage(ask, answer.outputTokens())));
        return reply.charged(Bill.Tariff.of(answer, 1));
    }

    static Reply count(JsonObject body) {
        return Reply.json(
                200,
                JsonObject.of(
                        "input_tokens",
                        ask(body, Script.PLAIN, Integer.MAX_VALUE).inputTokens()));
    }

    private static Ask ask(JsonObject body, Script script, int maxTokens) {
        if (!(body.getValue("messages") instanceof JsonArray messages)) {
            throw new Refusal(400, "messages: Field required");
        }
        List<JsonObject> turns = Texts.objects(messages);
        if (turns.isEmpty()) {
            throw new Refusal(400, "messages: at least one message is required");
        }
        int inputTokens = Tokens.of(Texts.of(body.getValue("system")));
        for (JsonObject turn : turns) {
            String role = turn.getString("role", "");
            if (!role.equals("user") && !role.equals("assistant")) {
                throw new Refusal(
                        400,
                        "messages: Unexpected role \"" + role + "\". The Messages API accepts a top-level"
                                + " `system` parameter, not \"system\" as an input message role.");
            }
            checkSignatures(turn);
            inputTokens += Tokens.of(Texts.of(turn.getValue("content")));
        }
        List<JsonObject> lastParts =
                turns.getLast().getValue("content") instanceof JsonArray parts ? Texts.objects(parts) : List.of();
        boolean toolResult = lastParts.stream().anyMatch(part -> "tool_result".equals(part.getString("type")));
        JsonObject choice = body.getJsonObject("tool_choice", new JsonObject());
        String choiceType = choice.getString("type", "auto");
        return new Ask(
                body.getString("model"),
                script,
                Boolean.TRUE.equals(body.getValue("stream")),
                toolResult ? results(lastParts) : lastUserText(turns),
                toolResult,
                Math.max(1, inputTokens),
                maxTokens,
                choiceType.equals("none") ? List.of() : tools(body),
                choiceType.equals("tool") ? choice.getString("name", "") : choiceType.equals("any") ? Ask.ANY_TOOL : "",
                !Boolean.TRUE.equals(choice.getValue("disable_parallel_tool_use")),
                1);
    }

    private static String begun(JsonObject body) {
        JsonObject last = Texts.objects(body.getJsonArray("messages")).getLast();
        if (!"assistant".equals(last.getString("role"))) {
            return "";
        }
        String begun = Texts.of(last.getValue("content"));
        if (!begun.equals(begun.stripTrailing())) {
            throw new Refusal(400, "messages: final assistant content cannot end with trailing whitespace");
        }
        if (body.containsKey("thinking")) {
            throw new Refusal(400, "Prefilling assistant messages is not supported when thinking is enabled");
        }
        return begun;
    }

    private static @Nullable String thought(JsonObject body, Ask ask) {
        String type = body.getJsonObject("thinking", new JsonObject()).getString("type", "disabled");
        if (type.equals("disabled")) {
            return null;
        }
        if (body.getValue("temperature") != null || body.getValue("top_k") != null) {
            throw new Refusal(400, "`temperature` and `top_k` may not be set when thinking is enabled");
        }
        if (!ask.forcedTool().isEmpty()) {
            throw new Refusal(400, "Thinking may not be enabled when tool_choice forces tool use.");
        }
        return "thinking about: " + ask.lastText();
    }

    private static String signature(String thought) {
        return "signature-" + Ids.of("thinking", thought);
    }

    private static void checkSignatures(JsonObject turn) {
        List<JsonObject> parts =
                turn.getValue("content") instanceof JsonArray content ? Texts.objects(content) : List.of();
        for (JsonObject part : parts) {
            boolean genuine = !"thinking".equals(part.getString("type"))
                    || signature(part.getString("thinking", "")).equals(part.getString("signature"));
            if (!genuine) {
                throw new Refusal(400, "messages: Invalid `signature` in `thinking` block");
            }
        }
    }

    private static String lastUserText(List<JsonObject> turns) {
        return turns.reversed().stream()
                .filter(turn -> "user".equals(turn.getString("role")))
                .map(turn -> Texts.of(turn.getValue("content")))
                .findFirst()
                .orElse("");
    }

    private static String results(List<JsonObject> parts) {
        return String.join(
                " ",
                parts.stream()
                        .filter(part -> "tool_result".equals(part.getString("type")))
                        .map(Texts::of)
                        .toList());
    }

    private static List<Ask.Tool> tools(JsonObject body) {
        return Texts.objects(body.getJsonArray("tools")).stream()
                .map(tool ->
                        new Ask.Tool(tool.getString("name", ""), tool.getJsonObject("input_schema", new JsonObject())))
                .toList();
    }

    private static String stopReason(Answer answer) {
        return switch (answer.finish()) {
            case STOP -> "end_turn";
            case LENGTH -> "max_tokens";
            case TOOLS -> "tool_use";
        };
    }

    private static JsonArray content(Answer answer, @Nullable String thought) {
        JsonArray content = new JsonArray();
        if (thought != null) {
            content.add(JsonObject.of("type", "thinking", "thinking", thought, "signature", signature(thought)));
        }
        if (answer.calls().isEmpty()) {
            return content.add(JsonObject.of("type", "text", "text", answer.text()));
        }
        answer.calls().forEach(call -> content.add(toolUse(call, call.arguments())));
        return content;
    }

    private static JsonObject toolUse(Answer.Call call, JsonObject input) {
        return JsonObject.of("type", "tool_use", "id", "toolu_" + call.id(), "name", call.name(), "input", input);
    }

    private static JsonObject usage(Ask ask, int outputTokens) {
        return JsonObject.of(
                "input_tokens",
                ask.inputTokens(),
                "cache_creation_input_tokens",
                0,
                "cache_read_input_tokens",
                0,
                "output_tokens",
                outputTokens,
                "service_tier",
                "standard");
    }

    private static JsonObject message(Ask ask, JsonArray content, @Nullable String stopReason, JsonObject usage) {
        JsonObject message = JsonObject.of(
                "id",
                "msg_" + Ids.of("messages", ask.model(), ask.lastText()),
                "type",
                "message",
                "role",
                "assistant",
                "model",
                ask.model(),
                "content",
                content,
                "stop_reason",
                stopReason,
                "stop_sequence",
                null);
        return ask.script().usageOmitted() ? message : message.put("usage", usage);
    }

    private static List<Frame> frames(Ask ask, Answer answer, @Nullable String thought) {
        List<Frame> frames = new ArrayList<>();
        JsonObject opening = message(ask, new JsonArray(), null, usage(ask, 1));
        frames.add(Frame.event(JsonObject.of("type", "message_start", "message", opening), false));
        int at = 0;
        if (thought != null) {
            start(frames, at, JsonObject.of("type", "thinking", "thinking", "", "signature", ""));
            delta(frames, at, JsonObject.of("type", "thinking_delta", "thinking", thought));
            delta(frames, at, JsonObject.of("type", "signature_delta", "signature", signature(thought)));
            stop(frames, at++);
        }
        if (answer.calls().isEmpty()) {
            start(frames, at, JsonObject.of("type", "text", "text", ""));
            frames.add(Frame.event(JsonObject.of("type", "ping"), false));
            for (String piece : answer.pieces()) {
                delta(frames, at, JsonObject.of("type", "text_delta", "text", piece));
            }
            stop(frames, at++);
        }
        for (Answer.Call call : answer.calls()) {
            start(frames, at, toolUse(call, new JsonObject()));
            for (String piece : call.pieces()) {
                delta(frames, at, JsonObject.of("type", "input_json_delta", "partial_json", piece));
            }
            stop(frames, at++);
        }
        JsonObject ending = JsonObject.of(
                "type",
                "message_delta",
                "delta",
                JsonObject.of("stop_reason", stopReason(answer), "stop_sequence", null));
        if (!ask.script().usageOmitted()) {
            ending.put(
                    "usage",
                    JsonObject.of(
                            "input_tokens",
                            ask.inputTokens(),
                            "cache_creation_input_tokens",
                            0,
                            "cache_read_input_tokens",
                            0,
                            "output_tokens",
                            answer.outputTokens()));
        }
        frames.add(Frame.event(ending, false));
        frames.add(Frame.event(JsonObject.of("type", "message_stop"), false));
        return frames;
    }

    private static void start(List<Frame> frames, int index, JsonObject block) {
        frames.add(Frame.event(
                JsonObject.of("type", "content_block_start", "index", index, "content_block", block), false));
    }

    private static void delta(List<Frame> frames, int index, JsonObject delta) {
        frames.add(Frame.event(JsonObject.of("type", "content_block_delta", "index", index, "delta", delta), true));
    }

    private static void stop(List<Frame> frames, int index) {
        frames.add(Frame.event(JsonObject.of("type", "content_block_stop", "index", index), false));
    }

    private AnthropicMessages() {}
}
