package io.latticegate.admin.manage;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request presents to be let in, as sent.
 *
 * @param authorization every header of that name
 * @param cookies values of the session cookie
 * @param csrfToken of {@code X-CSRF-Token}, or empty
 * @param site {@code Sec-Fetch-Site} (W3C Fetch Metadata), or empty
 * @param origins every {@code Origin}
 * @param host the authority that the request is for, or empty
 */
record Credentials(
        List<String> authorization,
        List<String> cookies,
        String csrfToken,
        String site,
        List<String> origins,
        String host) {
    /** The cookie of a session. Browsers take its prefix only with {@code Secure}, {@code Path=/} and no domain. */
    static final String SESSION_COOKIE = "__Host-latticegate";

    static Credentials of(HttpServerRequest request) {
        MultiMap headers = request.headers();
        return new Credentials(
                headers.getAll("Authorization"),
                cookies(request, SESSION_COOKIE),
                text(headers.get("X-CSRF-Token")),
                text(headers.get("Sec-Fetch-Site")),
                headers.getAll("Origin"),
                request.authority() == null ? "" : request.authority().toString());
    }

    /** Values of every cookie of a name; ours hold nothing that would be quoted. */
    static List<String> cookies(HttpServerRequest request, String name) {
        List<String> values = new ArrayList<>();
        for (String header : request.headers().getAll("Cookie")) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    values.add(pair.substring(equals + 1).strip());
                }
            }
        }
        return values;
    }

    /** The one cookie of a session; empty where there is none, or several. */
    Optional<String> session() {
        return cookies.size() == 1 ? Optional.of(cookies.getFirst()) : Optional.empty();
    }

    /**
     * Whether a page of another origin made the request, as far as its browser tells. Programs other than browsers tell
     * nothing, and a browser that sends a cookie along tells at least one of the two.
     *
     * @param own the configured origin, or null
     */
    boolean fromElsewhere(@Nullable URI own) {
        boolean otherSite = !site.isEmpty() && !site.equals("same-origin") && !site.equals("none");
        return otherSite || origins.stream().anyMatch(origin -> !isOwn(origin, own));
    }

    /** Scheme and port are not compared with the listener's, which may stand behind one that ends TLS. */
    private boolean isOwn(String origin, @Nullable URI own) {
        if (own != null && origin.equalsIgnoreCase(own.toString())) {
            return true;
        }
        int scheme = origin.indexOf("://");
        return scheme > 0 && !host.isEmpty() && origin.substring(scheme + 3).equalsIgnoreCase(host);
    }

    private static String text(@Nullable String header) {
        return header == null ? "" : header;
    }

    /** Nothing of what was presented. */
    @Override
    public String toString() {
        return "Credentials(****)";
    }
}
