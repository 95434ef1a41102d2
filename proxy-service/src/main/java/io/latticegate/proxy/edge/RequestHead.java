package io.latticegate.proxy.edge;

import io.latticegate.proxy.dialect.Refusal;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** What every request's head must be, whatever it asks for: readable in one way only, for this host, with one credential. */
final class RequestHead {
    /** What is wrong with a head, or null; the request's path is unambiguous where nothing is. */
    static @Nullable Refusal fault(HttpServerRequest request) {
        if (request.decoderResult() != null && request.decoderResult().isFailure()) {
            return switch (request.decoderResult().cause()) {
                case TooLongHttpHeaderException tooLong ->
                    new Refusal(431, "headers_too_large", "The request's headers are too large", null);
                case TooLongHttpLineException tooLong ->
                    new Refusal(414, "uri_too_long", "The request line is too long", null);
                case StrictRequestDecoder.Ambiguous ambiguous ->
                    new Refusal(400, "malformed_request", "The request is malformed: " + ambiguous.getMessage(), null);
                default -> new Refusal(400, "malformed_request", "The request is malformed", null);
            };
        }
        if (!targetsThisHost(request)) {
            return new Refusal(400, "invalid_target", "The request target names another host than Host does", null);
        }
        String expected = request.getHeader("Expect");
        if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
            return new Refusal(417, "expectation_failed", "The only expectation known is 100-continue", null);
        }
        String fault = RequestPath.fault(request.path());
        if (fault != null) {
            return new Refusal(400, "invalid_path", fault, null);
        }
        if (request.headers().getAll("Authorization").size() > 1
                || request.headers().getAll("x-api-key").size() > 1
                || request.headers().getAll("x-goog-api-key").size() > 1) {
            return new Refusal(400, "ambiguous_credentials", "A credential header is given more than once", null);
        }
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return new Refusal(415, "unsupported_content_encoding", "Request bodies must not be compressed", null);
        }
        return null;
    }

    /** A target in absolute form is taken when it repeats {@code Host} (RFC 9112 section 3.2.2). */
    private static boolean targetsThisHost(HttpServerRequest request) {
        String target = request.uri();
        if (target.startsWith("/")) {
            return true;
        }
        String host = request.getHeader("Host");
        return host != null && target.regionMatches(true, 0, "http://" + host + "/", 0, host.length() + 8);
    }

    private RequestHead() {}
}
