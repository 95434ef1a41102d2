package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/chat/completions}, streamed and not. */
final class OpenAiChat {
    static Reply answer(JsonObject body, Script script) {
        Ask ask = ask(body, script)
                .withTextSchema(body.getJsonObject("response_format", new JsonObject())
                        .getJsonObject("json_schema", new JsonObject())
                        .getValue("schema"))
                .withBegun(begun(body));
        Answer answer = Answer.to(ask);
        boolean usageWanted = !script.usageOmitted()
                && body.getValue("stream_options") instanceof JsonObject options
                && Boolean.TRUE.equals(options.getValue("include_usage"));
        Reply reply = ask.streamed() ? streamed(ask, answer, usageWanted) : whole(ask, answer);
        return reply.charged(Bill.Tariff.of(answer, ask.choices()));
    }

    private static Ask ask(JsonObject body, Script script) {
        if (!(body.getValue("messages") instanceof JsonArray messages)) {
            throw new Refusal(400, "Missing required parameter: 'messages'.", "messages");
        }
        if (messages.isEmpty()) {
            throw new Refusal(
                    400, "Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages");
        }
        List<JsonObject> turns = Texts.objects(messages);
        int inputTokens = 0;
        for (JsonObject turn : turns) {
            String role = turn.getString("role", "");
            if (!List.of("system", "developer", "user", "assistant", "tool", "function")
                    .contains(role)) {
                throw new Refusal(400, "Invalid value: '" + role + "'.", "messages");
            }
            inputTokens += Tokens.of(Texts.of(turn.getValue("content")));
        }
        boolean toolResult = "tool".equals(turns.getLast().getString("role"));
        int choices = body.getValue("n") instanceof Integer n ? n : 1;
        if (choices < 1 || choices > 128) {
            throw new Refusal(400, "Invalid 'n': expected an integer from 1 to 128.", "n");
        }
        return new Ask(
                body.getString("model"),
                script,
                Boolean.TRUE.equals(body.getValue("stream")),
                toolResult ? toolResults(turns) : lastUserText(turns),
                toolResult,
                Math.max(1, inputTokens),
                body.getInteger("max_completion_tokens", body.getInteger("max_tokens", Integer.MAX_VALUE)),
                forcedChoice(body).equals("none") ? List.of() : tools(body),
                forced(body),
                !Boolean.FALSE.equals(body.getValue("parallel_tool_calls")),
                choices);
    }

    /** vLLM's {@code continue_final_message}, which excludes the start of a new turn. */
    private static String begun(JsonObject body) {
        if (!Boolean.TRUE.equals(body.getValue("continue_final_message"))) {
            return "";
        }
        JsonObject last = Texts.objects(body.getJsonArray("messages")).getLast();
        if (!Boolean.FALSE.equals(body.getValue("add_generation_prompt"))
                || !"assistant".equals(last.getString("role"))) {
            throw new Refusal(
                    400,
                    "continue_final_message wants add_generation_prompt to be false, and the last message to be the"
                            + " assistant's",
                    "continue_final_message");
        }
        return Texts.of(last.getValue("content"));
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
            results.addFirst(Texts.of(turn.getValue("content")));
        }
        return String.join(" ", results);
    }

    private static List<Ask.Tool> tools(JsonObject body) {
        return Texts.objects(body.getJsonArray("tools")).stream()
                .map(tool -> tool.getJsonObject("function", new JsonObject()))
                .map(function -> new Ask.Tool(
                        function.getString("name", ""), function.getJsonObject("parameters", new JsonObject())))
                .toList();
    }

    private static String forcedChoice(JsonObject body) {
        return body.getValue("tool_choice") instanceof String choice ? choice : "";
    }

    private static String forced(JsonObject body) {
        if (body.getValue("tool_choice") instanceof JsonObject named) {
            return named.getJsonObject("function", new JsonObject()).getString("name", "");
        }
        return forcedChoice(body).equals("required") ? Ask.ANY_TOOL : "";
    }

    static String finish(Answer answer) {
        return switch (answer.finish()) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case TOOLS -> "tool_calls";
        };
    }

    static JsonObject usage(Answer answer, int choices) {
        int output = answer.outputTokens() * choices;
        return JsonObject.of(
                "prompt_tokens",
                answer.inputTokens(),
                "completion_tokens",
                output,
                "total_tokens",
                answer.inputTokens() + output,
                "prompt_tokens_details",
                JsonObject.of("cached_tokens", 0, "audio_tokens", 0),
                "completion_tokens_details",
                JsonObject.of(
                        "reasoning_tokens",
                        0,
                        "audio_tokens",
                        0,
                        "accepted_prediction_tokens",
                        0,
                        "rejected_prediction_tokens",
                        0));
    }

    private static Reply whole(Ask ask, Answer answer) {
        JsonObject message = JsonObject.of(
                "role", "assistant", "content", answer.calls().isEmpty() ? answer.text() : null, "refusal", null);
        if (!answer.calls().isEmpty()) {
            JsonArray calls = new JsonArray();
            answer.calls().forEach(call -> calls.add(call(call, call.arguments().encode())));
            message.put("tool_calls", calls);
        }
        message.put("annotations", new JsonArray());
        JsonArray choices = new JsonArray();
        for (int index = 0; index < ask.choices(); index++) {
            choices.add(JsonObject.of(
                    "index", index, "message", message, "logprobs", null, "finish_reason", finish(answer)));
        }
        JsonObject completion = envelope(ask, "chat.completion").put("choices", choices);
        if (!ask.script().usageOmitted()) {
            completion.put("usage", usage(answer, ask.choices()));
        }
        return Reply.json(200, completion.put("service_tier", "default").put("system_fingerprint", "fp_fake"));
    }

    private static JsonObject call(Answer.Call call, String arguments) {
        return JsonObject.of(
                "id",
                "call_" + call.id(),
                "type",
                "function",
                "function",
                JsonObject.of("name", call.name(), "arguments", arguments));
    }

    private static JsonObject envelope(Ask ask, String object) {
        return JsonObject.of(
                "id",
                "chatcmpl-" + Ids.of(object.substring(0, 15), ask.model(), ask.lastText()),
                "object",
                object,
                "created",
                Ids.CREATED,
                "model",
                ask.model());
    }

    private static Reply streamed(Ask ask, Answer answer, boolean usageWanted) {
        List<Frame> frames = new ArrayList<>();
        for (int index = 0; index < ask.choices(); index++) {
            Choice choice = new Choice(ask, usageWanted, index, frames);
            if (answer.calls().isEmpty()) {
                choice.add(JsonObject.of("role", "assistant", "content", "", "refusal", null), null, false);
                answer.pieces().forEach(piece -> choice.add(JsonObject.of("content", piece), null, true));
            } else {
                choice.add(JsonObject.of("role", "assistant", "content", null), null, false);
                choice.addCalls(answer.calls());
            }
            choice.add(new JsonObject(), finish(answer), false);
        }
        if (usageWanted) {
            frames.add(Frame.data(
                    chunk(ask).put("choices", new JsonArray()).put("usage", usage(answer, ask.choices())), false));
        }
        frames.add(Frame.of("data: [DONE]\n\n"));
        return Reply.events(frames);
    }

    private static JsonObject chunk(Ask ask) {
        return envelope(ask, "chat.completion.chunk")
                .put("service_tier", "default")
                .put("system_fingerprint", "fp_fake");
    }

    private record Choice(Ask ask, boolean usageWanted, int index, List<Frame> frames) {
        void add(JsonObject delta, @Nullable String finish, boolean content) {
            JsonObject choice =
                    JsonObject.of("index", index, "delta", delta, "logprobs", null, "finish_reason", finish);
            JsonObject chunk = chunk(ask).put("choices", JsonArray.of(choice));
            frames.add(Frame.data(usageWanted ? chunk.putNull("usage") : chunk, content));
        }

        void addCalls(List<Answer.Call> calls) {
            for (int at = 0; at < calls.size(); at++) {
                JsonObject opening = JsonObject.of("index", at).mergeIn(call(calls.get(at), ""));
                add(JsonObject.of("tool_calls", JsonArray.of(opening)), null, false);
                for (String piece : calls.get(at).pieces()) {
                    JsonObject more = JsonObject.of("index", at, "function", JsonObject.of("arguments", piece));
                    add(JsonObject.of("tool_calls", JsonArray.of(more)), null, true);
                }
            }
        }
    }

    private OpenAiChat() {}
}
