package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The protocol of one provider: its credential, its calls, its errors. */
sealed interface Dialect permits OpenAi, Anthropic, Gemini, Bedrock, Cohere, TextGeneration, AzureOpenAi {
    /** The credential that a request carries where this provider looks for it; null when there is none. */
    @Nullable
    String credential(MultiMap headers, MultiMap query);

    /** Whether the request carries one of the good credentials; any at all where {@code good} is empty. */
    default boolean accepts(HttpServerRequest request, Buffer body, Set<String> good) {
        String credential = credential(request.headers(), request.params());
        return credential != null && !credential.isEmpty() && (good.isEmpty() || good.contains(credential));
    }

    /**
     * Answers one call.
     *
     * @throws Refusal when the provider refuses it
     */
    Reply answer(HttpCall call);

    /** The model that the request names, script and all; empty when it names none. */
    String model(HttpCall call);

    /** The provider's own error response. */
    Reply error(int status, String explanation, @Nullable String parameter);

    /** The provider's own error inside a stream that has begun. */
    Frame errorFrame();

    /** The same in the stream that this path answers with. */
    default Frame errorFrame(String path) {
        return errorFrame();
    }

    /** The refusal of a missing or wrong credential. */
    Refusal unauthorized(@Nullable String credential);

    /**
     * A call as every dialect sees it.
     *
     * @param body null when the request had none
     */
    record HttpCall(
            String method,
            String path,
            MultiMap headers,
            MultiMap query,
            @Nullable JsonObject body,
            Script script) {
        JsonObject bodyOr(String explanation) {
            if (body == null) {
                throw new Refusal(400, explanation);
            }
            return body;
        }
    }

    /** The dialect that a path belongs to; OpenAI's for unknown ones. */
    static Dialect of(String path, MultiMap headers) {
        boolean modelList = path.startsWith("/v1/models") && headers.contains("anthropic-version");
        if (modelList || path.startsWith("/v1/messages")) {
            return Anthropic.DIALECT;
        }
        if (Bedrock.owns(path)) {
            return Bedrock.DIALECT;
        }
        if (path.startsWith("/v2/")) {
            return Cohere.DIALECT;
        }
        if (path.equals("/generate") || path.equals("/generate_stream")) {
            return TextGeneration.DIALECT;
        }
        if (path.startsWith(AzureOpenAi.ROOT)) {
            return AzureOpenAi.DIALECT;
        }
        boolean gemini = path.startsWith("/v1beta/") || (path.startsWith("/v1/models/") && path.indexOf(':') > 0);
        return gemini ? Gemini.DIALECT : OpenAi.DIALECT;
    }
}
