package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gemini's API: routes, credential ({@code x-goog-api-key}, or {@code key} in the query), models and errors. */
final class Gemini implements Dialect {
    static final Gemini DIALECT = new Gemini();

    private static final List<String> MODELS = List.of("gemini-2.5-flash", "gemini-embedding-001");

    private Gemini() {}

    @Override
    public @Nullable String credential(MultiMap headers, MultiMap query) {
        String key = headers.get("x-goog-api-key");
        return key == null ? query.get("key") : key;
    }

    @Override
    public String model(HttpCall call) {
        int models = call.path().indexOf("/models/");
        int verb = call.path().lastIndexOf(':');
        if (models < 0 || verb < models) {
            return "";
        }
        String segment = call.path().substring(models + "/models/".length(), verb);
        return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public Reply answer(HttpCall call) {
        if (call.path().equals("/v1beta/models") && call.method().equals("GET")) {
            return models();
        }
        String model = model(call);
        if (model.isEmpty() || !call.method().equals("POST")) {
            throw new Refusal(404, "The requested URL " + call.path() + " was not found on this server.");
        }
        JsonObject body = call.bodyOr("Invalid JSON payload received. Unknown token.");
        return switch (call.path().substring(call.path().lastIndexOf(':') + 1)) {
            case "generateContent" -> GeminiContent.whole(model, body, call.script());
            case "streamGenerateContent" ->
                GeminiContent.streamed(
                        model, body, call.script(), "sse".equals(call.query().get("alt")));
            case "countTokens" -> GeminiContent.count(model, body);
            case "embedContent" -> GeminiContent.embedding(body);
            case "batchEmbedContents" -> GeminiContent.embeddings(body);
            default -> throw new Refusal(404, "models/" + model + " is not found for API version v1beta.");
        };
    }

    private static Reply models() {
        JsonArray models = new JsonArray();
        MODELS.forEach(model -> models.add(JsonObject.of(
                "name",
                "models/" + model,
                "displayName",
                model,
                "inputTokenLimit",
                1_048_576,
                "outputTokenLimit",
                65_536,
                "supportedGenerationMethods",
                JsonArray.of(model.contains("embedding") ? "embedContent" : "generateContent"))));
        return Reply.json(200, JsonObject.of("models", models));
    }

    private static JsonObject error(int status, String explanation) {
        String name = switch (status) {
            case 400 -> "INVALID_ARGUMENT";
            case 401 -> "UNAUTHENTICATED";
            case 403 -> "PERMISSION_DENIED";
            case 404 -> "NOT_FOUND";
            case 429 -> "RESOURCE_EXHAUSTED";
            case 500 -> "INTERNAL";
            case 503 -> "UNAVAILABLE";
            case 504 -> "DEADLINE_EXCEEDED";
            default -> "UNKNOWN";
        };
        return JsonObject.of("error", JsonObject.of("code", status, "message", explanation, "status", name));
    }

    @Override
    public Reply error(int status, String explanation, @Nullable String parameter) {
        return Reply.json(status, error(status, explanation));
    }

    @Override
    public Frame errorFrame() {
        return GeminiContent.event(error(503, "The model is overloaded. Please try again later."), false);
    }

    @Override
    public Refusal unauthorized(@Nullable String credential) {
        return new Refusal(
                401,
                credential == null
                        ? "Request is missing required authentication credential."
                        : "API key not valid. Please pass a valid API key.");
    }
}
