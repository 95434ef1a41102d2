package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v2/chat}, streamed and not. Tools are called after a plan, thinking is enabled by the request alone, and values
 * that the original does not take are refused.
 */
final class CohereChat {
    private static final List<String> ROLES = List.of("system", "user", "assistant", "tool");

    static Reply answer(JsonObject body, Script script) {
        Ask ask = ask(body, script)
                .withTextSchema(
                        body.getJsonObject("response_format", new JsonObject()).getValue("json_schema"));
        Answer answer = Answer.to(ask);
        boolean thinks = "enabled"
                .equals(body.getJsonObject("thinking", new JsonObject()).getString("type"));
        String thought = thinks ? "thinking about: " + ask.lastText() : null;
        return (ask.streamed() ? Reply.events(frames(ask, answer, thought)) : whole(ask, answer, thought))
                .charged(Bill.Tariff.of(answer, 1));
    }

    private static Ask ask(JsonObject body, Script script) {
        within(body, "p", 0.01, 0.99);
        within(body, "frequency_penalty", 0, 1);
        within(body, "presence_penalty", 0, 1);
        within(body, "k", 0, 500);
        if (!(body.getValue("messages") instanceof JsonArray messages) || messages.isEmpty()) {
            throw new Refusal(400, "invalid request: messages must be at least one message long");
        }
        List<JsonObject> turns = Texts.objects(messages);
        int inputTokens = 0;
        for (JsonObject turn : turns) {
            if (!ROLES.contains(turn.getString("role", ""))) {
                throw new Refusal(400, "invalid request: unknown role");
            }
            inputTokens += Tokens.of(Texts.of(turn.getValue("content"))) + Tokens.of(turn.getString("tool_plan", ""));
        }
        boolean toolResult = "tool".equals(turns.getLast().getString("role"));
        String choice = body.getString("tool_choice", "");
        if (!List.of("", "REQUIRED", "NONE").contains(choice)) {
            throw new Refusal(400, "invalid request: tool_choice must be REQUIRED or NONE");
        }
        return new Ask(
                body.getString("model"),
                script,
                Boolean.TRUE.equals(body.getValue("stream")),
                toolResult ? toolResults(turns) : lastUserText(turns),
                toolResult,
                Math.max(1, inputTokens),
                body.getInteger("max_tokens", Integer.MAX_VALUE),
                choice.equals("NONE") ? List.of() : tools(body),
                choice.equals("REQUIRED") ? Ask.ANY_TOOL : "",
                true,
                1);
    }

    private static void within(JsonObject body, String field, double least, double most) {
        Double value = body.getDouble(field);
        if (value != null && (value < least || value > most)) {
            throw new Refusal(400, "invalid request: " + field + " must be between " + least + " and " + most);
        }
    }

    private static String lastUserText(List<JsonObject> turns) {
        return turns.reversed().stream()
                .filter(turn -> "user".equals(turn.getString("role")))
                .map(turn -> Texts.of(turn.getValue("content")))
                .findFirst()
                .orElse("");
    }

    private static String toolResults(List<JsonObject> turns) {
        List<String> results = new ArrayList<>();
        for (JsonObject turn : turns.reversed()) {
            if (!"tool".equals(turn.getString("role"))) {
                break;
            }
            results.addFirst(result(turn.getValue("content")));
        }
        return String.join(" ", results);
    }

    private static String result(@Nullable Object content) {
        if (!(content instanceof JsonArray parts)) {
            return Texts.of(content);
        }
        return String.join(
                " ",
                Texts.objects(parts).stream()
                        .map(part -> part.getValue("document") instanceof JsonObject document
                                ? document.getJsonObject("data", new JsonObject())
                                        .encode()
                                : Texts.of(part))
                        .toList());
    }

    private static List<Ask.Tool> tools(JsonObject body) {
        return Texts.objects(body.getJsonArray("tools")).stream()
                .map(tool -> tool.getJsonObject("function", new JsonObject()))
                .map(function -> new Ask.Tool(
                        function.getString("name", ""), function.getJsonObject("parameters", new JsonObject())))
                .toList();
    }

    private static String plan(Answer answer) {
        return "I will use "
                + String.join(
                        " and ", answer.calls().stream().map(Answer.Call::name).toList()) + ".";
    }

    private static String finish(Answer answer) {
        return switch (answer.finish()) {
            case STOP -> "COMPLETE";
            case LENGTH -> "MAX_TOKENS";
            case TOOLS -> "TOOL_CALL";
        };
    }

    /** The original counts its own preamble among {@code tokens} and does not bill it. */
    private static JsonObject usage(Ask ask, Answer answer) {
        return JsonObject.of(
                "billed_units",
                JsonObject.of("input_tokens", ask.inputTokens(), "output_tokens", answer.outputTokens()),
                "tokens",
                JsonObject.of("input_tokens", ask.inputTokens() + 500, "output_tokens", answer.outputTokens() + 2),
                "cached_tokens",
                0);
    }

    private static String id(Ask ask) {
        return Ids.of("cohere", ask.model(), ask.lastText());
    }

    private static JsonObject call(Answer.Call call, String arguments) {
        return JsonObject.of(
                "id",
                call.name() + "_" + call.id(),
                "type",
                "function",
                "function",
                JsonObject.of("name", call.name(), "arguments", arguments));
    }

    private static Reply whole(Ask ask, Answer answer, @Nullable String thought) {
        JsonObject message = JsonObject.of("role", "assistant");
        JsonArray content = new JsonArray();
        if (thought != null) {
            content.add(JsonObject.of("type", "thinking", "thinking", thought));
        }
        if (answer.calls().isEmpty()) {
            content.add(JsonObject.of("type", "text", "text", answer.text()));
        } else {
            JsonArray calls = new JsonArray();
            answer.calls().forEach(call -> calls.add(call(call, call.arguments().encode())));
            message.put("tool_plan", plan(answer)).put("tool_calls", calls);
        }
        if (!content.isEmpty()) {
            message.put("content", content);
        }
        JsonObject reply = JsonObject.of("id", id(ask), "message", message, "finish_reason", finish(answer));
        return Reply.json(200, ask.script().usageOmitted() ? reply : reply.put("usage", usage(ask, answer)));
    }

    private static List<Frame> frames(Ask ask, Answer answer, @Nullable String thought) {
        List<Frame> frames = new ArrayList<>();
        JsonObject opening = JsonObject.of(
                "role", "assistant", "content", new JsonArray(), "tool_plan", "", "tool_calls", new JsonArray());
        frames.add(Frame.event(
                JsonObject.of("id", id(ask), "type", "message-start", "delta", JsonObject.of("message", opening)),
                false));
        int item = 0;
        if (thought != null) {
            item(frames, item++, "thinking", List.of(thought));
        }
        if (answer.calls().isEmpty()) {
            item(frames, item, "text", answer.pieces());
        } else {
            frames.add(event("tool-plan-delta", null, JsonObject.of("tool_plan", plan(answer)), true));
        }
        for (int index = 0; index < answer.calls().size(); index++) {
            Answer.Call call = answer.calls().get(index);
            frames.add(event("tool-call-start", index, JsonObject.of("tool_calls", call(call, "")), false));
            for (String piece : call.pieces()) {
                JsonObject more = JsonObject.of("function", JsonObject.of("arguments", piece));
                frames.add(event("tool-call-delta", index, JsonObject.of("tool_calls", more), true));
            }
            frames.add(Frame.event(JsonObject.of("type", "tool-call-end", "index", index), false));
        }
        JsonObject end = JsonObject.of("finish_reason", finish(answer));
        if (!ask.script().usageOmitted()) {
            end.put("usage", usage(ask, answer));
        }
        frames.add(Frame.event(JsonObject.of("type", "message-end", "id", id(ask), "delta", end), false));
        return frames;
    }

    private static void item(List<Frame> frames, int index, String type, List<String> pieces) {
        JsonObject opening = JsonObject.of("content", JsonObject.of("type", type, type, ""));
        frames.add(event("content-start", index, opening, false));
        for (String piece : pieces) {
            frames.add(event("content-delta", index, JsonObject.of("content", JsonObject.of(type, piece)), true));
        }
        frames.add(Frame.event(JsonObject.of("type", "content-end", "index", index), false));
    }

    private static Frame event(String type, @Nullable Integer index, JsonObject message, boolean content) {
        JsonObject event = JsonObject.of("type", type);
        if (index != null) {
            event.put("index", index);
        }
        return Frame.event(event.put("delta", JsonObject.of("message", message)), content);
    }

    private CohereChat() {}
}
