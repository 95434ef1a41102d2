package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's API: routes, credential ({@code x-api-key}, or a bearer token as its newer clients send it), models and
 * errors. {@code anthropic-version} is required, as at the original.
 */
final class Anthropic implements Dialect {
    static final Anthropic DIALECT = new Anthropic();

    private static final String MODELS_PATH = "/v1/models/";
    private static final List<String> MODELS = List.of("claude-sonnet-4-5", "claude-haiku-4-5");

    private Anthropic() {}

    @Override
    public @Nullable String credential(MultiMap headers, MultiMap query) {
        String key = headers.get("x-api-key");
        return key == null ? OpenAi.bearer(headers) : key;
    }

    @Override
    public String model(HttpCall call) {
        return call.body() != null && call.body().getValue("model") instanceof String model ? model : "";
    }

    @Override
    public Reply answer(HttpCall call) {
        String method = call.path().startsWith("/v1/models") ? "GET" : "POST";
        if (!call.method().equals(method)) {
            throw new Refusal(405, "Method Not Allowed");
        }
        if (!call.headers().contains("anthropic-version")) {
            throw new Refusal(400, "anthropic-version: header is required");
        }
        Reply reply = switch (call.path()) {
            case "/v1/models" -> models();
            case "/v1/messages" -> AnthropicMessages.answer(body(call), call.script());
            case "/v1/messages/count_tokens" -> AnthropicMessages.count(body(call));
            default -> model(call.path());
        };
        return reply.with("request-id", "req_" + Ids.of(call.path(), model(call)))
                .with("anthropic-organization-id", "00000000-0000-4000-8000-000000000000")
                .with("anthropic-ratelimit-requests-limit", "4000")
                .with("anthropic-ratelimit-requests-remaining", "3999");
    }

    private JsonObject body(HttpCall call) {
        JsonObject body = call.bodyOr("The request body is not valid JSON: expected value at line 1 column 1");
        if (model(call).isEmpty()) {
            throw new Refusal(400, "model: Field required");
        }
        return body;
    }

    private static Reply models() {
        JsonArray data = new JsonArray();
        MODELS.forEach(model -> data.add(card(model)));
        return Reply.json(
                200,
                JsonObject.of(
                        "data", data, "has_more", false, "first_id", MODELS.getFirst(), "last_id", MODELS.getLast()));
    }

    private static Reply model(String path) {
        String model = path.startsWith(MODELS_PATH) ? path.substring(MODELS_PATH.length()) : "";
        if (!MODELS.contains(model)) {
            throw new Refusal(404, "Not Found");
        }
        return Reply.json(200, card(model));
    }

    private static JsonObject card(String model) {
        return JsonObject.of("type", "model", "id", model, "display_name", model, "created_at", "2025-09-29T00:00:00Z");
    }

    @Override
    public Reply error(int status, String explanation, @Nullable String parameter) {
        String type = switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 504 -> "timeout_error";
            case 529 -> "overloaded_error";
            default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
        String id = "req_" + Ids.of(explanation);
        JsonObject error = JsonObject.of("type", type, "message", explanation);
        return Reply.json(status, JsonObject.of("type", "error", "error", error, "request_id", id))
                .with("request-id", id);
    }

    @Override
    public Frame errorFrame() {
        JsonObject error = JsonObject.of("type", "overloaded_error", "message", "Overloaded");
        return Frame.event(JsonObject.of("type", "error", "error", error), false);
    }

    @Override
    public Refusal unauthorized(@Nullable String credential) {
        return new Refusal(401, credential == null ? "x-api-key header is required" : "invalid x-api-key");
    }
}
