package io.latticegate.proxy.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says in each answer whether the page that asked may read it (Fetch Standard, section 3.3). An origin is allowed when it
 * equals a configured one character by character; any other gets no {@code Access-Control-Allow-Origin}. Credentials in the
 * browser's sense (cookies) are never allowed, since no surface takes them. Off while no origin is configured.
 */
public final class Cors {
    private static final int HEADER_NAMES_LENGTH_MAX = 2_048;
    private static final String HEADER_NAMES =
            "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}(\\s?,\\s?[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})*";
    private static final String READABLE = String.join(
            ", ",
            "X-Request-ID",
            "X-Provider-Request-ID",
            "X-Latticegate-Dropped",
            "X-Latticegate-Unlisted",
            "Retry-After",
            "request-id",
            "openai-processing-ms");

    private final Set<String> origins;
    private final String maxAgeSeconds;

    public Cors(List<String> origins, Duration maxAge) {
        this.origins = Set.copyOf(origins);
        this.maxAgeSeconds = Long.toString(maxAge.toSeconds());
    }

    /** Adds what the answer to {@code request} needs, just before its head is written, however it comes about. */
    public void mark(HttpServerRequest request) {
        if (origins.isEmpty()) {
            return;
        }
        HttpServerResponse response = request.response();
        String origin = allowedOrigin(request);
        response.headersEndHandler(writing -> {
            MultiMap headers = response.headers();
            headers.add("Vary", "Origin");
            if (origin != null) {
                headers.set("Access-Control-Allow-Origin", origin);
                headers.set("Access-Control-Expose-Headers", READABLE);
            }
        });
    }

    /** Whether this is the question that a browser of an allowed origin asks before a request. */
    public boolean isPreflight(HttpServerRequest request) {
        return request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains("Access-Control-Request-Method")
                && allowedOrigin(request) != null;
    }

    /** Adds the answer to a preflight: the methods of the path, and the headers that were asked for. */
    public void allow(HttpServerRequest request, List<String> methods) {
        MultiMap headers = request.response().headers();
        headers.set("Access-Control-Allow-Methods", String.join(", ", methods));
        headers.set("Access-Control-Max-Age", maxAgeSeconds);
        headers.add("Vary", "Access-Control-Request-Method");
        headers.add("Vary", "Access-Control-Request-Headers");
        String wanted = request.getHeader("Access-Control-Request-Headers");
        if (wanted != null && wanted.length() <= HEADER_NAMES_LENGTH_MAX && wanted.matches(HEADER_NAMES)) {
            headers.set("Access-Control-Allow-Headers", wanted);
        }
    }

    private @Nullable String allowedOrigin(HttpServerRequest request) {
        List<String> given = request.headers().getAll("Origin");
        return given.size() == 1 && origins.contains(given.getFirst()) ? given.getFirst() : null;
    }
}
