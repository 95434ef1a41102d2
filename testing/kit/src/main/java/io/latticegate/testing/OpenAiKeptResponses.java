package io.latticegate.testing;

import io.latticegate.testing.Dialect.HttpCall;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The calls on a response that was kept: {@code GET} and {@code DELETE /v1/responses/{id}}, {@code POST …/cancel}, {@code GET
 * …/input_items}. Nothing is kept; every well-formed id names a completed response, and {@code ?stream=true} replays it.
 */
final class OpenAiKeptResponses {
    static final String ROOT = "/v1/responses/";

    private static final Pattern PATH = Pattern.compile("/v1/responses/([^/]+)(/cancel|/input_items)?");
    private static final Pattern ID = Pattern.compile("resp_[0-9a-f]{24}");

    static Reply answer(HttpCall call) {
        Matcher path = PATH.matcher(call.path());
        if (!path.matches()) {
            throw new Refusal(404, "Invalid URL (" + call.method() + " " + call.path() + ")");
        }
        String id = path.group(1);
        if (!ID.matcher(id).matches()) {
            throw new Refusal(404, "Response with id '" + id + "' not found.", "id");
        }
        String more = path.group(2) == null ? "" : path.group(2);
        return switch (call.method() + more) {
            case "GET" ->
                "true".equals(call.query().get("stream"))
                        ? Reply.events(replay(id))
                        : Reply.json(200, response(id, "completed"));
            case "DELETE" -> Reply.json(200, JsonObject.of("id", id, "object", "response", "deleted", true));
            case "POST/cancel" -> Reply.json(200, response(id, "cancelled"));
            case "GET/input_items" -> Reply.json(200, inputItems());
            default -> throw new Refusal(405, "Not allowed to " + call.method() + " on " + call.path() + ".");
        };
    }

    private static JsonObject response(String id, String status) {
        return JsonObject.of("id", id, "object", "response", "created_at", Ids.CREATED, "status", status, "error", null)
                .put("incomplete_details", null)
                .put("model", "gpt-4o")
                .put("output", new JsonArray())
                .put(
                        "usage",
                        JsonObject.of(
                                "input_tokens",
                                3,
                                "input_tokens_details",
                                JsonObject.of("cached_tokens", 0),
                                "output_tokens",
                                4,
                                "output_tokens_details",
                                JsonObject.of("reasoning_tokens", 0),
                                "total_tokens",
                                7));
    }

    private static List<Frame> replay(String id) {
        return List.of(
                event("response.created", 0, id, "in_progress"), event("response.completed", 1, id, "completed"));
    }

    private static Frame event(String type, int number, String id, String status) {
        return Frame.event(
                JsonObject.of("type", type, "sequence_number", number, "response", response(id, status)), true);
    }

    private static JsonObject inputItems() {
        JsonObject item = JsonObject.of(
                "type",
                "message",
                "id",
                "msg_kept",
                "status",
                "completed",
                "role",
                "user",
                "content",
                JsonArray.of(JsonObject.of("type", "input_text", "text", "kept")));
        return JsonObject.of(
                "object",
                "list",
                "data",
                JsonArray.of(item),
                "first_id",
                "msg_kept",
                "last_id",
                "msg_kept",
                "has_more",
                false);
    }

    private OpenAiKeptResponses() {}
}
