package io.latticegate.proxy.relay;

import io.latticegate.proxy.edge.Surface;
import io.latticegate.proxy.provider.ProviderKind;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a client can ask for with a token. Everything else is refused (S1-040): the edge is an allowlist. */
public enum Operation {
    CHAT("/v1/chat/completions", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    COMPLETIONS("/v1/completions", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    EMBEDDINGS("/v1/embeddings", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    RESPONSES("/v1/responses", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    RESPONSE("/v1/responses/{id}", HttpMethod.GET, Surface.OPENAI, ProviderKind.OPENAI),
    RESPONSE_DELETE("/v1/responses/{id}", HttpMethod.DELETE, Surface.OPENAI, ProviderKind.OPENAI),
    RESPONSE_CANCEL("/v1/responses/{id}/cancel", HttpMethod.POST, Surface.OPENAI, ProviderKind.OPENAI),
    RESPONSE_INPUT("/v1/responses/{id}/input_items", HttpMethod.GET, Surface.OPENAI, ProviderKind.OPENAI),
    MODELS("/v1/models", HttpMethod.GET, Surface.OPENAI, ProviderKind.OPENAI),
    MESSAGES("/v1/messages", HttpMethod.POST, Surface.ANTHROPIC, ProviderKind.ANTHROPIC);

    private static final List<Operation> ON_KEPT_RESPONSES =
            List.of(RESPONSE, RESPONSE_DELETE, RESPONSE_CANCEL, RESPONSE_INPUT);
    private static final Pattern KEPT_RESPONSE =
            Pattern.compile("/v1/responses/(?<id>[A-Za-z0-9_-]{1,256})(?<more>/[a-z_]+)?");

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

    /** The path; {@code {id}} stands for one segment. */
    public String path() {
        return path;
    }

    public HttpMethod method() {
        return method;
    }

    public Surface surface() {
        return surface;
    }

    /**
     * Whether it concerns a response that its provider keeps. Such a call names no model, has no body, and consumes no
     * tokens.
     */
    public boolean onKeptResponse() {
        return ON_KEPT_RESPONSES.contains(this);
    }

    /** The operation on a kept response, or null when the path is none of theirs. */
    public static @Nullable Operation onKeptResponse(HttpMethod method, String path) {
        Matcher kept = KEPT_RESPONSE.matcher(path);
        if (!kept.matches()) {
            return null;
        }
        String template = "/v1/responses/{id}" + (kept.group("more") == null ? "" : kept.group("more"));
        return ON_KEPT_RESPONSES.stream()
                .filter(operation -> operation.method.equals(method) && operation.path.equals(template))
                .findFirst()
                .orElse(null);
    }

    /** The protocol that client and provider share when bytes pass unchanged. */
    public ProviderKind protocol() {
        return protocol;
    }
}
