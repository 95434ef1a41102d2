package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI's API: routes, credential, models and errors; the larger calls have a class each. */
final class OpenAi implements Dialect {
    static final OpenAi DIALECT = new OpenAi();

    private static final String UNPARSABLE =
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library"
                    + " correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";
    private static final Set<String> POSTS =
            Set.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses");
    private static final List<String> MODELS =
            List.of("gpt-4o", "gpt-4o-mini", "gpt-3.5-turbo-instruct", "text-embedding-3-small");

    private OpenAi() {}

    @Override
    public @Nullable String credential(MultiMap headers, MultiMap query) {
        return bearer(headers);
    }

    static @Nullable String bearer(MultiMap headers) {
        String authorization = headers.get("authorization");
        if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return null;
        }
        return authorization.substring(7).strip();
    }

    @Override
    public String model(HttpCall call) {
        return call.body() != null && call.body().getValue("model") instanceof String model ? model : "";
    }

    @Override
    public Reply answer(HttpCall call) {
        if (call.path().equals("/v1/models") || call.path().startsWith("/v1/models/")) {
            allow(call, "GET");
            return stamped(call, models(call.path()));
        }
        if (call.path().startsWith(OpenAiKeptResponses.ROOT)) {
            return stamped(call, OpenAiKeptResponses.answer(call));
        }
        if (OpenAiMedia.owns(call.path())) {
            return stamped(call, OpenAiMedia.answer(call));
        }
        if (!POSTS.contains(call.path())) {
            throw new Refusal(404, "Invalid URL (" + call.method() + " " + call.path() + ")");
        }
        allow(call, "POST");
        JsonObject body = call.bodyOr(UNPARSABLE);
        if (model(call).isEmpty()) {
            throw new Refusal(400, "you must provide a model parameter");
        }
        Reply reply = switch (call.path()) {
            case "/v1/chat/completions" -> OpenAiChat.answer(body, call.script());
            case "/v1/completions" -> OpenAiCompletions.answer(body, call.script());
            case "/v1/embeddings" -> OpenAiEmbeddings.answer(body, call.script());
            default -> OpenAiResponses.answer(body, call.script());
        };
        return stamped(call, reply);
    }

    private Reply stamped(HttpCall call, Reply reply) {
        return reply.with("x-request-id", "req_" + Ids.of(call.path(), model(call)))
                .with("openai-version", "2020-10-01")
                .with("openai-processing-ms", "1");
    }

    private static void allow(HttpCall call, String method) {
        if (!call.method().equals(method)) {
            throw new Refusal(
                    405,
                    "Not allowed to " + call.method() + " on " + call.path() + ". (HINT: Perhaps you meant to " + method
                            + " instead?)");
        }
    }

    private static Reply models(String path) {
        if (path.equals("/v1/models")) {
            JsonArray data = new JsonArray();
            MODELS.forEach(model -> data.add(card(model)));
            return Reply.json(200, JsonObject.of("object", "list", "data", data));
        }
        String model = path.substring("/v1/models/".length());
        if (!MODELS.contains(model)) {
            throw new Refusal(404, "The model '" + model + "' does not exist", "model");
        }
        return Reply.json(200, card(model));
    }

    private static JsonObject card(String model) {
        return JsonObject.of("id", model, "object", "model", "created", Ids.CREATED, "owned_by", "fake-provider");
    }

    @Override
    public Reply error(int status, String explanation, @Nullable String parameter) {
        String code = switch (status) {
            case 401 -> "invalid_api_key";
            case 404 -> parameter == null ? "unknown_url" : "model_not_found";
            case 405 -> "method_not_supported";
            case 429 -> "rate_limit_exceeded";
            default -> null;
        };
        String type = switch (status) {
            case 429 -> "requests";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
        JsonObject error = JsonObject.of("message", explanation, "type", type, "param", parameter, "code", code);
        return Reply.json(status, JsonObject.of("error", error)).with("x-request-id", "req_" + Ids.of(explanation));
    }

    @Override
    public Frame errorFrame() {
        JsonObject error = JsonObject.of(
                "message",
                "The server had an error while processing your request. Sorry about that!",
                "type",
                "server_error",
                "param",
                null,
                "code",
                null);
        return Frame.data(JsonObject.of("error", error), false);
    }

    @Override
    public Frame errorFrame(String path) {
        return path.startsWith("/v1/responses") ? OpenAiResponses.errorFrame() : errorFrame();
    }

    /** Like the original, the text repeats the ends of the key that was sent. */
    @Override
    public Refusal unauthorized(@Nullable String credential) {
        if (credential == null) {
            return new Refusal(
                    401,
                    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer"
                            + " auth (i.e. Authorization: Bearer YOUR_KEY).");
        }
        String shown = credential.length() < 12
                ? "***"
                : credential.substring(0, 4) + "***" + credential.substring(credential.length() - 4);
        return new Refusal(401, "Incorrect API key provided: " + shown + ".");
    }
}
