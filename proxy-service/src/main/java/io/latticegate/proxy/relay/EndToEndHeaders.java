package io.latticegate.proxy.relay;

import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which headers pass between client and provider. Everything end-to-end passes unchanged, except what belongs to one leg
 * (RFC 9110 section 7.6.1), carries a credential, tells one side about the other or about us (C-48), or would make the
 * provider read another request than the one that was checked. A trace is continued, not copied ({@link CallTrace}), and its
 * state and baggage are the client's own affair. What a browser says about the page that asks is for this
 * gateway and no provider.
 */
final class EndToEndHeaders {
    private static final Set<String> NEVER_TO_PROVIDER = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "expect",
            "host",
            "content-length",
            "authorization",
            "x-api-key",
            "x-goog-api-key",
            "x-goog-user-project",
            "x-goog-fieldmask",
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
            "api-key",
            "cookie",
            "origin",
            "referer",
            "forwarded",
            "via",
            "x-real-ip",
            "true-client-ip",
            "x-request-id",
            "x-correlation-id",
            "traceparent",
            "tracestate",
            "baggage",
            "x-stream",
            "x-typed-data",
            "x-wallet-signature",
            "x-fhe-version",
            "x-privacy",
            "accept-encoding");
    private static final String[] NEVER_TO_PROVIDER_PREFIXES = {
        "x-forwarded-",
        "x-amz-",
        "x-proxy-",
        "x-gateway-",
        "x-latticegate-",
        "x-provider-key",
        "x-wallet-",
        "cf-",
        "sec-"
    };
    private static final Set<String> NEVER_TO_CLIENT = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "set-cookie",
            "set-cookie2",
            "clear-site-data",
            "refresh",
            "nel",
            "report-to",
            "reporting-endpoints",
            "x-provider-request-id",
            "alt-svc",
            "strict-transport-security",
            "www-authenticate");
    private static final String[] NEVER_TO_CLIENT_PREFIXES = {"x-latticegate-", "x-proxy-", "access-control-"};

    /** Copies what the provider may see. Headers that {@code Connection} names are of this leg only. */
    static void toProvider(MultiMap client, MultiMap provider) {
        Set<String> hop = namedByConnection(client);
        for (Map.Entry<String, String> header : client) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!NEVER_TO_PROVIDER.contains(name) && !hop.contains(name) && !begins(name, NEVER_TO_PROVIDER_PREFIXES)) {
                provider.add(header.getKey(), header.getValue());
            }
        }
        provider.set("Accept-Encoding", "identity");
    }

    /**
     * Copies what the client may see; the provider's request id moves to {@code X-Provider-Request-ID}. What speaks for
     * an origin (cookies, CORS, reports, this gateway's own headers) would speak for this gateway and stays behind.
     */
    static void toClient(MultiMap provider, MultiMap client) {
        Set<String> hop = namedByConnection(provider);
        for (Map.Entry<String, String> header : provider) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("x-request-id")) {
                client.add("X-Provider-Request-ID", header.getValue());
            } else if (!NEVER_TO_CLIENT.contains(name)
                    && !hop.contains(name)
                    && !begins(name, NEVER_TO_CLIENT_PREFIXES)) {
                client.add(header.getKey(), header.getValue());
            }
        }
    }

    /** What every {@code Connection} line of the message names, in lower case. */
    private static Set<String> namedByConnection(MultiMap headers) {
        List<String> lines = headers.getAll("Connection");
        if (lines.isEmpty()) {
            return Set.of();
        }
        Set<String> named = new HashSet<>();
        for (String line : lines) {
            for (String name : line.split(",", -1)) {
                named.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        return named;
    }

    private static boolean begins(String name, String[] prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private EndToEndHeaders() {}
}
