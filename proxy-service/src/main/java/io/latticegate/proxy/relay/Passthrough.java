package io.latticegate.proxy.relay;

import io.latticegate.proxy.edge.Surface;
import io.latticegate.proxy.provider.ProviderKind;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that pass byte for byte to a provider that speaks their protocol, and are refused for any other: there is
 * nothing to translate them into. Fields as in OpenAI's and Anthropic's API references.
 */
public enum Passthrough {
    MODERATIONS("/v1/moderations", HttpMethod.POST, Body.JSON, Metering.REQUEST),
    IMAGES("/v1/images/generations", HttpMethod.POST, Body.JSON, Metering.TOKENS),
    IMAGE_EDITS("/v1/images/edits", HttpMethod.POST, Body.MULTIPART, Metering.TOKENS),
    IMAGE_VARIATIONS("/v1/images/variations", HttpMethod.POST, Body.MULTIPART, Metering.TOKENS),
    SPEECH("/v1/audio/speech", HttpMethod.POST, Body.JSON, Metering.STREAMED_TOKENS),
    TRANSCRIPTIONS("/v1/audio/transcriptions", HttpMethod.POST, Body.MULTIPART, Metering.TOKENS),
    TRANSLATIONS("/v1/audio/translations", HttpMethod.POST, Body.MULTIPART, Metering.TOKENS),
    RESPONSE("/v1/responses/{id}", HttpMethod.GET, Body.NONE, Metering.OWN_ACCOUNT),
    RESPONSE_DELETION("/v1/responses/{id}", HttpMethod.DELETE, Body.NONE, Metering.OWN_ACCOUNT),
    RESPONSE_CANCELLATION("/v1/responses/{id}/cancel", HttpMethod.POST, Body.NONE, Metering.OWN_ACCOUNT),
    RESPONSE_INPUT("/v1/responses/{id}/input_items", HttpMethod.GET, Body.NONE, Metering.OWN_ACCOUNT),
    FILE_UPLOAD("/v1/files", HttpMethod.POST, Body.MULTIPART, Metering.OWN_ACCOUNT),
    FILES("/v1/files", HttpMethod.GET, Body.NONE, Metering.OWN_ACCOUNT),
    FILE("/v1/files/{id}", HttpMethod.GET, Body.NONE, Metering.OWN_ACCOUNT),
    FILE_DELETION("/v1/files/{id}", HttpMethod.DELETE, Body.NONE, Metering.OWN_ACCOUNT),
    FILE_CONTENT("/v1/files/{id}/content", HttpMethod.GET, Body.NONE, Metering.OWN_ACCOUNT),
    BATCH_CREATION("/v1/batches", HttpMethod.POST, Body.JSON, Metering.OWN_ACCOUNT),
    BATCHES("/v1/batches", HttpMethod.GET, Body.NONE, Metering.OWN_ACCOUNT),
    BATCH("/v1/batches/{id}", HttpMethod.GET, Body.NONE, Metering.OWN_ACCOUNT),
    BATCH_CANCELLATION("/v1/batches/{id}/cancel", HttpMethod.POST, Body.NONE, Metering.OWN_ACCOUNT),
    COUNT_TOKENS(
            "/v1/messages/count_tokens",
            HttpMethod.POST,
            Surface.ANTHROPIC,
            ProviderKind.ANTHROPIC,
            Body.JSON,
            Metering.REQUEST);

    private static final int ID_LENGTH_MAX = 256;
    private static final String ID = "{id}";

    private final String path;
    private final HttpMethod method;
    private final Surface surface;
    private final ProviderKind protocol;
    private final Body body;
    private final Metering metering;

    Passthrough(String path, HttpMethod method, Body body, Metering metering) {
        this(path, method, Surface.OPENAI, ProviderKind.OPENAI, body, metering);
    }

    Passthrough(String path, HttpMethod method, Surface surface, ProviderKind protocol, Body body, Metering metering) {
        this.path = path;
        this.method = method;
        this.surface = surface;
        this.protocol = protocol;
        this.body = body;
        this.metering = metering;
    }

    /** What the request carries. */
    public enum Body {
        NONE,
        JSON,
        /** {@code multipart/form-data} with a file, within a bound of its own. */
        MULTIPART
    }

    /** What a call is counted as, and whose key may serve it. */
    enum Metering {
        /** One request; no tokens are reported or reserved. */
        REQUEST,
        /** One request and the tokens that the answer reports; what reports none took none. */
        TOKENS,
        /** As {@link #TOKENS} where the answer is an event stream; else it is media, in which nothing is looked for. */
        STREAMED_TOKENS,
        /**
         * One request, with the project's own key only. Files, batches and kept responses belong to the account behind the key, so under
         * the gateway's key every project would read and delete those of all others, and a batch spends tokens after its
         * request has been settled.
         */
        OWN_ACCOUNT
    }

    /** The call that a path and method mean, or null. */
    public static @Nullable Passthrough of(HttpMethod method, String path) {
        for (Passthrough call : values()) {
            if (call.method.equals(method) && call.matches(path)) {
                return call;
            }
        }
        return null;
    }

    /** The methods that a path takes, empty when it is none of these. */
    public static List<HttpMethod> methods(String path) {
        return Arrays.stream(values())
                .filter(call -> call.matches(path))
                .map(call -> call.method)
                .toList();
    }

    public Surface surface() {
        return surface;
    }

    public Body body() {
        return body;
    }

    /** The path, with {@code {id}} for one segment of at most {@value #ID_LENGTH_MAX} letters, digits, {@code -}, {@code _}. */
    public String path() {
        return path;
    }

    HttpMethod method() {
        return method;
    }

    /** What client and provider both speak. */
    ProviderKind protocol() {
        return protocol;
    }

    Metering metering() {
        return metering;
    }

    /** Whether the request is all text that there is, and the answer has none: then guards can examine the call. */
    boolean isReadable() {
        return body == Body.JSON && metering != Metering.OWN_ACCOUNT;
    }

    boolean matches(String requested) {
        int id = path.indexOf(ID);
        if (id < 0) {
            return requested.equals(path);
        }
        String rest = path.substring(id + ID.length());
        int end = requested.length() - rest.length();
        return end > id
                && end - id <= ID_LENGTH_MAX
                && requested.startsWith(path.substring(0, id))
                && requested.endsWith(rest)
                && requested.substring(id, end).chars().allMatch(Passthrough::inId);
    }

    private static boolean inId(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }
}
