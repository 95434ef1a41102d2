package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Version 2 of Cohere's API: routes, credential, models and errors; the larger calls have a class each. */
final class Cohere implements Dialect {
    static final Cohere DIALECT = new Cohere();

    private Cohere() {}

    @Override
    public @Nullable String credential(MultiMap headers, MultiMap query) {
        return OpenAi.bearer(headers);
    }

    @Override
    public String model(HttpCall call) {
        return call.body() != null && call.body().getValue("model") instanceof String model ? model : "";
    }

    @Override
    public Reply answer(HttpCall call) {
        if (!List.of("/v2/chat", "/v2/embed", "/v2/rerank").contains(call.path())) {
            throw new Refusal(404, "resource not found");
        }
        if (!call.method().equals("POST")) {
            throw new Refusal(405, "method not allowed");
        }
        JsonObject body = call.bodyOr("invalid json syntax: invalid character");
        if (model(call).isEmpty()) {
            throw new Refusal(400, "model is required");
        }
        Reply reply = switch (call.path()) {
            case "/v2/chat" -> CohereChat.answer(body, call.script());
            case "/v2/embed" -> CohereVectors.embedding(body, call.script());
            default -> CohereVectors.ranking(body);
        };
        return reply.with("x-debug-trace-id", Ids.of(call.path(), model(call)))
                .with("x-endpoint-monthly-call-limit", "1000");
    }

    @Override
    public Reply error(int status, String explanation, @Nullable String parameter) {
        return Reply.json(status, JsonObject.of("id", Ids.of(explanation), "message", explanation));
    }

    @Override
    public Frame errorFrame() {
        JsonObject delta = JsonObject.of("error", "internal server error", "finish_reason", "ERROR");
        return Frame.event(JsonObject.of("type", "message-end", "delta", delta), false);
    }

    @Override
    public Refusal unauthorized(@Nullable String credential) {
        return new Refusal(401, credential == null ? "no api key supplied" : "invalid api token");
    }
}
