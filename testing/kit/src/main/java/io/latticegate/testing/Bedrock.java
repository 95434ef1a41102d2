package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Bedrock's runtime: routes, credential (a signature of version 4, or a bearer token) and errors. */
final class Bedrock implements Dialect {
    static final Bedrock DIALECT = new Bedrock();

    private static final String PREFIX = "/model/";

    private Bedrock() {}

    static boolean owns(String path) {
        return path.startsWith(PREFIX);
    }

    @Override
    public @Nullable String credential(MultiMap headers, MultiMap query) {
        String authorization = headers.get("Authorization");
        return authorization != null && authorization.startsWith("Bearer ")
                ? authorization.substring(7)
                : authorization;
    }

    @Override
    public boolean accepts(HttpServerRequest request, Buffer body, Set<String> good) {
        return Dialect.super.accepts(request, body, good) || SigV4Check.good(request, body, good);
    }

    @Override
    public String model(HttpCall call) {
        int end = call.path().indexOf('/', PREFIX.length());
        return end < 0
                ? ""
                : URLDecoder.decode(
                        call.path().substring(PREFIX.length(), end).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public Reply answer(HttpCall call) {
        String model = model(call);
        if (model.isEmpty() || !call.method().equals("POST")) {
            throw new Refusal(404, "No such operation");
        }
        JsonObject body = call.bodyOr("The request body is not valid JSON");
        return switch (call.path().substring(call.path().lastIndexOf('/') + 1)) {
            case "converse" -> BedrockConverse.whole(model, body, call.script());
            case "converse-stream" -> BedrockConverse.streamed(model, body, call.script());
            default -> throw new Refusal(404, "No such operation");
        };
    }

    @Override
    public Reply error(int status, String explanation, @Nullable String parameter) {
        String type = switch (status) {
            case 400, 413 -> "ValidationException";
            case 401 -> "UnrecognizedClientException";
            case 403 -> "AccessDeniedException";
            case 404 -> "ResourceNotFoundException";
            case 408 -> "ModelTimeoutException";
            case 424 -> "ModelErrorException";
            case 429 -> "ThrottlingException";
            case 503 -> "ServiceUnavailableException";
            default -> "InternalServerException";
        };
        int sent = status == 401 ? 403 : status;
        return Reply.json(sent, JsonObject.of("message", explanation))
                .with("x-amzn-ErrorType", type + ":http://internal.amazon.com/coral/com.amazon.bedrock/")
                .with("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000");
    }

    @Override
    public Frame errorFrame() {
        return EventStream.exception(
                "modelStreamErrorException",
                JsonObject.of("message", "The model failed while it streamed", "originalStatusCode", 500));
    }

    /** With 401, which {@link #error} sends as AWS does: as 403 under a name of its own. */
    @Override
    public Refusal unauthorized(@Nullable String credential) {
        return new Refusal(
                401,
                credential == null
                        ? "Missing Authentication Token"
                        : "The security token included in the request is invalid.");
    }
}
