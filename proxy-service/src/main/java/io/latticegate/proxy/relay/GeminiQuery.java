package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.Refusal;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The query of a request of Gemini's protocol, from an allowlist. It is forwarded as it came, so nothing that the provider
 * would read as a credential, as another method or as a selection of fields may be in it; names in percent-encoding are
 * not taken.
 */
final class GeminiQuery {
    private static final Set<String> CREDENTIALS = Set.of("key", "access_token", "oauth_token");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern PAGE_TOKEN = Pattern.compile("[A-Za-z0-9._~%=+/-]{1,1024}");

    private GeminiQuery() {}

    /** Whether a stream is asked for as events. */
    static boolean asksForEvents(@Nullable String query) {
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                if (pair.equals("alt=sse") || pair.equals("$alt=sse")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Why the query is refused, or null. */
    static @Nullable Refusal fault(@Nullable String query) {
        if (query == null || query.isEmpty()) {
            return null;
        }
        Set<String> seen = new HashSet<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            if (CREDENTIALS.contains(name)) {
                return new Refusal(
                        400,
                        "credential_in_query",
                        "A credential in the address ends in logs and is not taken; send the token in the header"
                                + " x-goog-api-key or as Authorization: Bearer <token>",
                        name);
            }
            String bare = name.startsWith("$") ? name.substring(1) : name;
            boolean fits = switch (bare) {
                case "alt" -> value.equals("sse") || value.equals("json");
                case "prettyPrint" -> value.equals("true") || value.equals("false");
                case "pageSize" -> NUMBER.matcher(value).matches();
                case "pageToken" -> PAGE_TOKEN.matcher(value).matches();
                default -> false;
            };
            if (!fits || !seen.add(bare)) {
                return Refusal.invalid(
                        "query",
                        "The query may have, each once: alt=sse or alt=json, prettyPrint=true or false, pageSize, pageToken");
            }
        }
        return null;
    }
}
