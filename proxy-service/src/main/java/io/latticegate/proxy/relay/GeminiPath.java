package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.GeminiModelName;
import org.jspecify.annotations.Nullable;

/**
 * A path of Gemini's API, which names the model and the call: {@code /v1beta/models/{model}:generateContent}. Under {@code
 * /v1/models} only paths with such a call are Gemini's; the others are OpenAI's.
 *
 * @param version {@code v1beta} or {@code v1}
 * @param model decoded and without {@code models/}; null for the list of models
 */
public record GeminiPath(String version, @Nullable String model, Operation operation) {
    private static final String LIST = "/v1beta/models";
    private static final String BETA = "/v1beta/models/";
    private static final String STABLE = "/v1/models/";

    /** The path taken apart, or null when it is none of Gemini's. */
    public static @Nullable GeminiPath of(@Nullable String path) {
        if (path == null || !path.startsWith("/v1")) {
            return null;
        }
        if (path.equals(LIST)) {
            return new GeminiPath("v1beta", null, Operation.GEMINI_MODELS);
        }
        boolean beta = path.startsWith(BETA);
        if (!beta && !path.startsWith(STABLE)) {
            return null;
        }
        String rest = path.substring((beta ? BETA : STABLE).length());
        int colon = rest.lastIndexOf(':');
        Operation operation = colon < 0 ? beta ? Operation.GEMINI_MODEL : null : operationOf(rest.substring(colon + 1));
        String model = GeminiModelName.decoded(colon < 0 ? rest : rest.substring(0, colon));
        return operation == null || model == null ? null : new GeminiPath(beta ? "v1beta" : "v1", model, operation);
    }

    private static @Nullable Operation operationOf(String call) {
        return switch (call) {
            case "generateContent" -> Operation.GENERATE_CONTENT;
            case "streamGenerateContent" -> Operation.STREAM_GENERATE_CONTENT;
            case "embedContent" -> Operation.EMBED_CONTENT;
            case "batchEmbedContents" -> Operation.BATCH_EMBED_CONTENTS;
            case "countTokens" -> Operation.COUNT_TOKENS;
            default -> null;
        };
    }

    /** The same call as a path at the provider. {@code upstreamModel} is the provider's name of the model where it differs. */
    String at(@Nullable String upstreamModel) {
        String named = upstreamModel == null ? model : upstreamModel;
        String path = operation.path();
        if (named == null) {
            return path;
        }
        String call = path.substring(path.lastIndexOf('}') + 1);
        return "/" + version + "/models/" + GeminiModelName.encoded(named) + call;
    }
}
