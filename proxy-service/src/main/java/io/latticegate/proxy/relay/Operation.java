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

    /** The path; {@code {provider}} stands for one segment. */
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
}
