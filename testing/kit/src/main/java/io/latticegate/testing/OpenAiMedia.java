package io.latticegate.testing;

import io.latticegate.testing.Dialect.HttpCall;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * OpenAI's calls around media, files and batches. It keeps nothing: every id is that of a file or batch, and its content is
 * always the same. Forms are not read beyond their {@code Content-Type}.
 */
final class OpenAiMedia {
    /** What an image, a spoken text and a stored file consist of. */
    static final byte[] BYTES = {(byte) 0xff, (byte) 0xfb, 0, 1, 2, 3, '\r', '\n', (byte) 0x80, 'x'};

    private static final String FILES = "/v1/files";
    private static final String BATCHES = "/v1/batches";

    static boolean owns(String path) {
        return path.equals("/v1/moderations")
                || path.startsWith("/v1/images/")
                || path.startsWith("/v1/audio/")
                || path.equals(FILES)
                || path.startsWith(FILES + "/")
                || path.equals(BATCHES)
                || path.startsWith(BATCHES + "/");
    }

    static Reply answer(HttpCall call) {
        String operation = call.method() + " " + call.path();
        return switch (operation) {
            case "POST /v1/moderations" -> moderation(json(call));
            case "POST /v1/images/generations" -> image(json(call));
            case "POST /v1/images/edits", "POST /v1/images/variations" -> image(form(call));
            case "POST /v1/audio/speech" -> speech(json(call));
            case "POST /v1/audio/transcriptions" -> Reply.json(200, transcript(form(call)));
            case "POST /v1/audio/translations" -> {
                form(call);
                yield Reply.json(200, JsonObject.of("text", "spoken words"));
            }
            case "POST /v1/files" -> {
                form(call);
                yield Reply.json(200, file("file-" + Ids.of(operation)));
            }
            case "POST /v1/batches" ->
                Reply.json(200, batch("batch_" + Ids.of(json(call).encode()), "validating"));
            case "GET /v1/files" -> Reply.json(200, list(file("file-1")));
            case "GET /v1/batches" -> Reply.json(200, list(batch("batch_1", "completed")));
            default -> kept(call);
        };
    }

    private static Reply kept(HttpCall call) {
        String[] segments = call.path().substring(1).split("/", -1);
        String operation = call.method() + " " + segments[1] + (segments.length > 3 ? " " + segments[3] : "");
        String id = segments.length > 2 ? segments[2] : "";
        return switch (operation) {
            case "GET files" -> Reply.json(200, file(id));
            case "DELETE files" -> Reply.json(200, JsonObject.of("id", id, "object", "file", "deleted", true));
            case "GET files content" -> Reply.body(200, "application/octet-stream", Buffer.buffer(BYTES));
            case "GET batches" -> Reply.json(200, batch(id, "completed"));
            case "POST batches cancel" -> Reply.json(200, batch(id, "cancelling"));
            default -> throw new Refusal(404, "Invalid URL (" + call.method() + " " + call.path() + ")");
        };
    }

    private static JsonObject json(HttpCall call) {
        return call.bodyOr("Could not parse the JSON body of the request.");
    }

    private static JsonObject form(HttpCall call) {
        String type = call.headers().get("content-type");
        if (type == null || !type.startsWith("multipart/form-data; boundary=")) {
            throw new Refusal(400, "Could not parse multipart form");
        }
        return new JsonObject();
    }

    private static Reply moderation(JsonObject body) {
        boolean flagged = String.valueOf(body.getValue("input")).contains("violence");
        JsonObject result = JsonObject.of(
                "flagged",
                flagged,
                "categories",
                JsonObject.of("violence", flagged),
                "category_scores",
                JsonObject.of("violence", flagged ? 0.9 : 0.1));
        return Reply.json(
                200,
                JsonObject.of(
                        "id",
                        "modr-" + Ids.of(body.encode()),
                        "model",
                        body.getString("model", "omni-moderation-latest"),
                        "results",
                        JsonArray.of(result)));
    }

    private static Reply image(JsonObject body) {
        JsonObject usage = JsonObject.of("input_tokens", 5, "output_tokens", 272, "total_tokens", 277);
        if (body.getBoolean("stream", false)) {
            List<Frame> frames = new ArrayList<>();
            frames.add(Frame.event(
                    JsonObject.of(
                            "type", "image_generation.partial_image", "b64_json", BYTES, "partial_image_index", 0),
                    true));
            frames.add(Frame.event(
                    JsonObject.of("type", "image_generation.completed", "b64_json", BYTES, "usage", usage), true));
            return Reply.events(frames);
        }
        JsonObject image = JsonObject.of("b64_json", BYTES);
        return Reply.json(200, JsonObject.of("created", Ids.CREATED, "data", JsonArray.of(image), "usage", usage));
    }

    private static Reply speech(JsonObject body) {
        if (body.getString("input", "").isEmpty() || body.getString("voice", "").isEmpty()) {
            throw new Refusal(400, "input and voice are required");
        }
        return Reply.body(200, "audio/mpeg", Buffer.buffer(BYTES));
    }

    private static JsonObject transcript(JsonObject form) {
        return form.put("text", "spoken words")
                .put(
                        "usage",
                        JsonObject.of("type", "tokens", "input_tokens", 14, "output_tokens", 2, "total_tokens", 16));
    }

    private static JsonObject file(String id) {
        return JsonObject.of(
                "id",
                id,
                "object",
                "file",
                "bytes",
                BYTES.length,
                "created_at",
                Ids.CREATED,
                "filename",
                "data.jsonl",
                "purpose",
                "batch");
    }

    private static JsonObject batch(String id, String status) {
        return JsonObject.of(
                "id",
                id,
                "object",
                "batch",
                "endpoint",
                "/v1/chat/completions",
                "input_file_id",
                "file-1",
                "completion_window",
                "24h",
                "status",
                status,
                "created_at",
                Ids.CREATED);
    }

    private static JsonObject list(JsonObject element) {
        return JsonObject.of("object", "list", "data", JsonArray.of(element), "has_more", false);
    }

    private OpenAiMedia() {}
}
