package io.latticegate.proxy.relay;

import io.latticegate.proxy.edge.Surface;
import io.latticegate.proxy.provider.ProviderKind;
import io.vertx.core.http.HttpMethod;

/** What a client can ask for with a token. Everything else is refused (S1-040): the edge is an allowlist. */
public enum Operation {
    CHAT("/v1/chat/completions", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    COMPLETIONS("/v1/completions", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    EMBEDDINGS("/v1/embeddings", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    MODELS("/v1/models", HttpMethod.GET, Surface.OPENAI, ProviderKind.OPENAI),
    MESSAGES("/v1/messages", HttpMethod.POST, Surface.ANTHROPIC, ProviderKind.ANTHROPIC);

    private final String path;
    private final HttpMethod method;
    private final Surface surface;
    private final ProviderKind protocol;

    Operation(String path, HttpMethod method, Surface surface, ProviderKind protocol) {
        this.path = path;
        this.method = method;
        this.surface = surface;
        this.protocol = protocol;
    }

    public String path() {
        return path;
    }

    public HttpMethod method() {
        return method;
    }

    public Surface surface() {
        return surface;
    }

    /** The protocol that client and provider share when bytes pass unchanged. */
    public ProviderKind protocol() {
        return protocol;
    }
}
