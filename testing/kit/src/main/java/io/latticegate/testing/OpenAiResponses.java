package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/responses}, streamed (numbered events, no {@code [DONE]}) and not. Nothing is stored. When a summary of the
 * reasoning is asked for, the answer begins with a reasoning item.
 */
final class OpenAiResponses {
    static Reply answer(JsonObject body, Script script) {
        Ask ask = ask(body, script)
                .withTextSchema(body.getJsonObject("text", new JsonObject())
                        .getJsonObject("format", new JsonObject())
                        .getValue("schema"));
        Answer answer = Answer.to(ask);
        String id = Ids.of("responses", ask.model(), ask.lastText());
        Reply reply = ask.streamed()
                ? Reply.events(new Events(body, ask, answer, id).all())
                : Reply.json(200, response(body, ask, answer, id, true));
        return reply.charged(Bill.Tariff.of(answer, 1));
    }

    private static Ask ask(JsonObject body, Script script) {
        List<JsonObject> items = switch (body.getValue("input")) {
            case String text -> List.of(JsonObject.of("role", "user", "content", text));
            case JsonArray list when !list.isEmpty() -> Texts.objects(list);
            case null, default -> throw new Refusal(400, "Missing required parameter: 'input'.", "input");
        };
        int inputTokens = Tokens.of(Texts.of(body.getValue("instructions")));
        for (JsonObject item : items) {
            inputTokens += Tokens.of(Texts.of(item));
        }
        boolean toolResult = !items.isEmpty()
                && "function_call_output".equals(items.getLast().getString("type"));
        Object choice = body.getValue("tool_choice");
        String forced = choice instanceof JsonObject named
                ? named.getString("name", "")
                : "required".equals(choice) ? Ask.ANY_TOOL : "";
        return new Ask(
                body.getString("model"),
                script,
                Boolean.TRUE.equals(body.getValue("stream")),
                toolResult ? results(items) : lastUserText(items),
                toolResult,
                Math.max(1, inputTokens),
                body.getInteger("max_output_tokens", Integer.MAX_VALUE),
                "none".equals(choice) ? List.of() : tools(body),
                forced,
                !Boolean.FALSE.equals(body.getValue("parallel_tool_calls")),
                1);
    }

    private static String lastUserText(List<JsonObject> items) {
        return items.reversed().stream()
                .filter(item -> "user".equals(item.getString("role")))
                .map(Texts::of)
                .findFirst()
                .orElse("");
    }

    private static String results(List<JsonObject> items) {
        List<String> results = new ArrayList<>();
        for (JsonObject item : items.reversed()) {
            if (!"function_call_output".equals(item.getString("type"))) {
                break;
            }
            results.addFirst(Texts.of(item));
        }
        return String.join(" ", results);
    }

    private static List<Ask.Tool> tools(JsonObject body) {
        return Texts.objects(body.getJsonArray("tools")).stream()
                .filter(tool -> "function".equals(tool.getString("type")))
                .map(tool ->
                        new Ask.Tool(tool.getString("name", ""), tool.getJsonObject("parameters", new JsonObject())))
                .toList();
    }

    private static JsonObject response(JsonObject body, Ask ask, Answer answer, String id, boolean ended) {
        boolean cut = ended && answer.finish() == Answer.Finish.LENGTH;
        JsonArray output = new JsonArray();
        if (ended && reasons(body)) {
            output.add(reasoning(body, id, thought(ask)));
        }
        if (ended && answer.calls().isEmpty()) {
            output.add(message(id, answer.text(), cut ? "incomplete" : "completed"));
        } else if (ended) {
            answer.calls()
                    .forEach(call -> output.add(call(call, call.arguments().encode(), "completed")));
        }
        String status = !ended ? "in_progress" : cut ? "incomplete" : "completed";
        JsonObject response = JsonObject.of(
                "id", "resp_" + id, "object", "response", "created_at", Ids.CREATED, "status", status, "error", null);
        response.put("incomplete_details", cut ? JsonObject.of("reason", "max_output_tokens") : null)
                .put("instructions", body.getValue("instructions"))
                .put("max_output_tokens", body.getValue("max_output_tokens"))
                .put("model", ask.model())
                .put("output", output)
                .put("parallel_tool_calls", ask.parallelTools())
                .put("previous_response_id", body.getValue("previous_response_id"))
                .put("store", false)
                .put("temperature", body.getValue("temperature", 1.0))
                .put("text", body.getValue("text", JsonObject.of("format", JsonObject.of("type", "text"))))
                .put("tool_choice", body.getValue("tool_choice", "auto"))
                .put("tools", body.getJsonArray("tools", new JsonArray()))
                .put("top_p", body.getValue("top_p", 1.0))
                .put("truncation", "disabled")
                .put("usage", ended && !ask.script().usageOmitted() ? usage(answer) : null)
                .put("metadata", body.getJsonObject("metadata", new JsonObject()));
        return response;
    }

    private static JsonObject usage(Answer answer) {
        return JsonObject.of(
                "input_tokens",
                answer.inputTokens(),
                "input_tokens_details",
                JsonObject.of("cached_tokens", 0),
                "output_tokens",
                answer.outputTokens(),
                "output_tokens_details",
                JsonObject.of("reasoning_tokens", 0),
                "total_tokens",
                answer.inputTokens() + answer.outputTokens());
    }

    private static boolean reasons(JsonObject body) {
        return body.getJsonObject("reasoning", new JsonObject()).getValue("summary") != null;
    }

    private static String thought(Ask ask) {
        return "thinking about: " + ask.lastText();
    }

    private static JsonObject reasoning(JsonObject body, String id, @Nullable String thought) {
        JsonArray summary = thought == null ? new JsonArray() : JsonArray.of(summaryText(thought));
        JsonObject item = JsonObject.of("type", "reasoning", "id", "rs_" + id, "summary", summary);
        boolean carried = body.getJsonArray("include", new JsonArray()).contains("reasoning.encrypted_content");
        return carried ? item.put("encrypted_content", "gAAAAAB" + Ids.of("reasoning", id)) : item;
    }

    private static JsonObject summaryText(String text) {
        return JsonObject.of("type", "summary_text", "text", text);
    }

    /** The error event as the API reference has it. */
    static Frame errorFrame() {
        return Frame.event(
                JsonObject.of(
                        "type",
                        "error",
                        "code",
                        "server_error",
                        "message",
                        "The server had an error while processing your request. Sorry about that!",
                        "param",
                        null,
                        "sequence_number",
                        1_000_000),
                false);
    }

    private static JsonObject message(String id, @Nullable String text, String status) {
        JsonArray content = text == null ? new JsonArray() : JsonArray.of(part(text));
        return JsonObject.of(
                "type", "message", "id", "msg_" + id, "status", status, "role", "assistant", "content", content);
    }

    private static JsonObject part(String text) {
        return JsonObject.of(
                "type", "output_text", "annotations", new JsonArray(), "logprobs", new JsonArray(), "text", text);
    }

    private static JsonObject call(Answer.Call call, String arguments, String status) {
        return JsonObject.of(
                "type",
                "function_call",
                "id",
                "fc_" + call.id(),
                "call_id",
                "call_" + call.id(),
                "name",
                call.name(),
                "arguments",
                arguments,
                "status",
                status);
    }

    /** The events of one stream, in order and numbered from 0. */
    private static final class Events {
        private final JsonObject body;
        private final Ask ask;
        private final Answer answer;
        private final String id;
        private final List<Frame> frames = new ArrayList<>();

        Events(JsonObject body, Ask ask, Answer answer, String id) {
            this.body = body;
            this.ask = ask;
            this.answer = answer;
            this.id = id;
        }

        List<Frame> all() {
            add("response.created", JsonObject.of("response", response(body, ask, answer, id, false)), false);
            add("response.in_progress", JsonObject.of("response", response(body, ask, answer, id, false)), false);
            int at = 0;
            if (reasons(body)) {
                reasoning(at++);
            }
            if (answer.calls().isEmpty()) {
                text(at);
            }
            for (Answer.Call call : answer.calls()) {
                call(at++, call);
            }
            String last = answer.finish() == Answer.Finish.LENGTH ? "response.incomplete" : "response.completed";
            add(last, JsonObject.of("response", response(body, ask, answer, id, true)), false);
            return frames;
        }

        private void add(String type, JsonObject fields, boolean content) {
            JsonObject event = JsonObject.of("type", type, "sequence_number", frames.size());
            frames.add(Frame.event(event.mergeIn(fields), content));
        }

        private void reasoning(int at) {
            String thought = thought(ask);
            add(
                    "response.output_item.added",
                    JsonObject.of("output_index", at, "item", OpenAiResponses.reasoning(body, id, null)),
                    false);
            JsonObject place = JsonObject.of("item_id", "rs_" + id, "output_index", at, "summary_index", 0);
            add("response.reasoning_summary_part.added", place.copy().put("part", summaryText("")), false);
            add("response.reasoning_summary_text.delta", place.copy().put("delta", thought), true);
            add("response.reasoning_summary_text.done", place.copy().put("text", thought), false);
            add("response.reasoning_summary_part.done", place.copy().put("part", summaryText(thought)), false);
            add(
                    "response.output_item.done",
                    JsonObject.of("output_index", at, "item", OpenAiResponses.reasoning(body, id, thought)),
                    false);
        }

        private void text(int at) {
            String item = "msg_" + id;
            String status = answer.finish() == Answer.Finish.LENGTH ? "incomplete" : "completed";
            add(
                    "response.output_item.added",
                    JsonObject.of("output_index", at, "item", message(id, null, "in_progress")),
                    false);
            JsonObject place = JsonObject.of("item_id", item, "output_index", at, "content_index", 0);
            add("response.content_part.added", place.copy().put("part", part("")), false);
            for (String piece : answer.pieces()) {
                add(
                        "response.output_text.delta",
                        place.copy().put("delta", piece).put("logprobs", new JsonArray()),
                        true);
            }
            add(
                    "response.output_text.done",
                    place.copy().put("text", answer.text()).put("logprobs", new JsonArray()),
                    false);
            add("response.content_part.done", place.copy().put("part", part(answer.text())), false);
            add(
                    "response.output_item.done",
                    JsonObject.of("output_index", at, "item", message(id, answer.text(), status)),
                    false);
        }

        private void call(int at, Answer.Call call) {
            add(
                    "response.output_item.added",
                    JsonObject.of("output_index", at, "item", OpenAiResponses.call(call, "", "in_progress")),
                    false);
            JsonObject place = JsonObject.of("item_id", "fc_" + call.id(), "output_index", at);
            for (String piece : call.pieces()) {
                add("response.function_call_arguments.delta", place.copy().put("delta", piece), true);
            }
            String arguments = call.arguments().encode();
            add(
                    "response.function_call_arguments.done",
                    place.copy().put("name", call.name()).put("arguments", arguments),
                    false);
            add(
                    "response.output_item.done",
                    JsonObject.of("output_index", at, "item", OpenAiResponses.call(call, arguments, "completed")),
                    false);
        }
    }

    private OpenAiResponses() {}
}
