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
 * provider read another request than the one that was checked. What a browser says about the page that asks is for this
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
            "x-stream",
            "x-typed-data",
            "x-wallet-signature",
            "x-fhe-version",
            "x-privacy",
            "accept-encoding");
    private static final String[] NEVER_TO_PROVIDER_PREFIXES = {
        "x-forwarded-", "x-proxy-", "x-gateway-", "x-latticegate-", "x-provider-key", "x-wallet-", "cf-", "sec-"
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
            "alt-svc",
            "strict-transport-security",
            "www-authenticate");

    /** Copies what the provider may see. Headers that {@code Connection} names are of this leg only. */
    static void toProvider(MultiMap client, MultiMap provider) {
        String named = client.get("Connection");
        Set<String> hop = named == null
                ? Set.of()
                : new HashSet<>(List.of(named.toLowerCase(Locale.ROOT).split("\\s*,\\s*")));
        for (Map.Entry<String, String> header : client) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!NEVER_TO_PROVIDER.contains(name) && !hop.contains(name) && !internal(name)) {
                provider.add(header.getKey(), header.getValue());
            }
        }
        provider.set("Accept-Encoding", "identity");
    }

    /** Copies what the client may see; the provider's request id moves to {@code X-Provider-Request-ID}, and which web
     * pages may read the answer is for this gateway's {@code security.cors} to say. */
    static void toClient(MultiMap provider, MultiMap client) {
        for (Map.Entry<String, String> header : provider) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith("access-control-")) {
                continue;
            }
            if (name.equals("x-request-id")) {
                client.add("X-Provider-Request-ID", header.getValue());
            } else if (!NEVER_TO_CLIENT.contains(name)) {
                client.add(header.getKey(), header.getValue());
            }
        }
    }

    private static boolean internal(String name) {
        for (String prefix : NEVER_TO_PROVIDER_PREFIXES) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private EndToEndHeaders() {}
}
