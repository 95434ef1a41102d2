package io.latticegate.proxy.relay;

import io.latticegate.proxy.edge.Surface;
import io.latticegate.proxy.provider.ProviderKind;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * The generations that a client can ask for with a token; {@link Passthrough} has the other calls. Everything else is
 * refused (S1-040): the edge is an allowlist.
 */
public enum Operation {
    CHAT("/v1/chat/completions", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    COMPLETIONS("/v1/completions", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    EMBEDDINGS("/v1/embeddings", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    RESPONSES("/v1/responses", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    MESSAGES("/v1/messages", HttpMethod.POST, Surface.ANTHROPIC, ProviderKind.ANTHROPIC),
    GENERATE_CONTENT("/v1beta/models/{model}:generateContent", HttpMethod.POST, Surface.GEMINI, ProviderKind.GEMINI),
    STREAM_GENERATE_CONTENT(
            "/v1beta/models/{model}:streamGenerateContent", HttpMethod.POST, Surface.GEMINI, ProviderKind.GEMINI),
    EMBED_CONTENT("/v1beta/models/{model}:embedContent", HttpMethod.POST, Surface.GEMINI, ProviderKind.GEMINI),
    BATCH_EMBED_CONTENTS(
            "/v1beta/models/{model}:batchEmbedContents", HttpMethod.POST, Surface.GEMINI, ProviderKind.GEMINI),
    COUNT_TOKENS("/v1beta/models/{model}:countTokens", HttpMethod.POST, Surface.GEMINI, ProviderKind.GEMINI),
    GEMINI_MODELS("/v1beta/models", HttpMethod.GET, Surface.GEMINI, ProviderKind.GEMINI),
    GEMINI_MODEL("/v1beta/models/{model}", HttpMethod.GET, Surface.GEMINI, ProviderKind.GEMINI),
    CONVERSE("/model/{model}/converse", HttpMethod.POST, Surface.BEDROCK, ProviderKind.BEDROCK),
    CONVERSE_STREAM("/model/{model}/converse-stream", HttpMethod.POST, Surface.BEDROCK, ProviderKind.BEDROCK),
    COHERE_CHAT("/v2/chat", HttpMethod.POST, Surface.COHERE, ProviderKind.COHERE),
    COHERE_EMBED("/v2/embed", HttpMethod.POST, Surface.COHERE, ProviderKind.COHERE),
    COHERE_RERANK("/v2/rerank", HttpMethod.POST, Surface.COHERE, ProviderKind.COHERE),
    AGENTARY("/api/{provider}", HttpMethod.POST, Surface.AGENTARY, null);

    private final String path;
    private final HttpMethod method;
    private final Surface surface;
    private final @Nullable ProviderKind protocol;

    Operation(String path, HttpMethod method, Surface surface, @Nullable ProviderKind protocol) {
        this.path = path;
        this.method = method;
        this.surface = surface;
        this.protocol = protocol;
    }

    /** The path; {@code {provider}} and {@code {model}} stand for one segment each ({@link GeminiPath}, {@link ConversePath}). */
    public String path() {
        return path;
    }

    public HttpMethod method() {
        return method;
    }

    public Surface surface() {
        return surface;
    }

    /** The protocol that client and provider share when bytes pass unchanged; null where no provider speaks it. */
    public @Nullable ProviderKind protocol() {
        return protocol;
    }

    /** Whether a model is asked, so that tokens are used even where the provider does not report them. */
    boolean usesTokens() {
        return switch (this) {
            case GEMINI_MODELS, GEMINI_MODEL, COUNT_TOKENS, COHERE_RERANK -> false;
            default -> true;
        };
    }

    /** Whether the answer is text that a model wrote, whose length tells roughly how many tokens it has. */
    boolean generatesText() {
        return switch (this) {
            case EMBEDDINGS, EMBED_CONTENT, BATCH_EMBED_CONTENTS, COHERE_EMBED -> false;
            default -> usesTokens();
        };
    }
}
