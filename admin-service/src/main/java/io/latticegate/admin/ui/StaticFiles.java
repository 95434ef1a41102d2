package io.latticegate.admin.ui;

import io.latticegate.common.crypto.Sha256;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the web interface from the class path: the files below {@code ui} at {@code /admin/assets/}, and its one document at
 * every other path below {@code /admin} that could be a page. Nothing here is secret; what pages show, they ask the management
 * API for. A browser may keep every file and asks each time whether it is still the same, by the hash in its {@code ETag}.
 *
 * <p>The content security policy (CSP Level 3) lets a page load and send only what is of its own origin, run no inline script
 * or style, and, with Trusted Types, put no text where script could hide.
 */
public final class StaticFiles {
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
                    + " require-trusted-types-for 'script'; trusted-types 'none'";
    private static final String ROOT = "/ui/";
    private static final String DOCUMENT = "index.html";
    private static final String PREFIX = "/admin";
    private static final String ASSETS = PREFIX + "/assets/";
    private static final Pattern PAGE = Pattern.compile("(?:/[A-Za-z0-9][A-Za-z0-9._~:%@+-]{0,199}){0,6}/?");
    private static final Pattern FILE =
            Pattern.compile("(?:[a-z0-9][a-z0-9-]*/){0,3}[a-z0-9][a-z0-9.-]*\\.([a-z0-9]{1,5})");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "txt", "text/plain; charset=utf-8");

    private final Map<String, File> files = new ConcurrentHashMap<>();

    /** @param etag a strong one, with its quotes */
    private record File(Buffer content, String type, String etag) {}

    /** Answers a request for a file or a page; leaves to the next handler what is neither. */
    public void handle(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        String path = request.path() == null ? "" : request.path();
        Optional<File> found = path.startsWith(ASSETS) ? file(path.substring(ASSETS.length())) : page(path);
        if (found.isEmpty()) {
            routing.next();
            return;
        }
        request.resume();
        HttpServerResponse response = request.response();
        secure(response);
        boolean head = request.method().equals(HttpMethod.HEAD);
        if (!head && !request.method().equals(HttpMethod.GET)) {
            response.setStatusCode(405)
                    .putHeader("Allow", "GET, HEAD")
                    .putHeader("Content-Type", "application/json")
                    .end("{\"error\":\"method not allowed\"}");
            return;
        }
        File file = found.get();
        response.putHeader("ETag", file.etag()).putHeader("Cache-Control", "no-cache");
        if (matches(request.getHeader("If-None-Match"), file.etag())) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader("Content-Type", file.type());
        if (head) {
            response.putHeader("Content-Length", Integer.toString(file.content().length()))
                    .end();
        } else {
            response.end(file.content());
        }
    }

    private static void secure(HttpServerResponse response) {
        response.putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
    }

    /** Weak comparison (RFC 9110, section 13.1.2): what is between here and there may have compressed the file. */
    private static boolean matches(@Nullable String presented, String etag) {
        if (presented == null) {
            return false;
        }
        for (String one : presented.split(",", -1)) {
            String tag = one.strip();
            if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
                return true;
            }
        }
        return false;
    }

    private Optional<File> page(String path) {
        return path.startsWith(PREFIX)
                        && PAGE.matcher(path.substring(PREFIX.length())).matches()
                        && !path.startsWith(PREFIX + "/assets")
                ? file(DOCUMENT)
                : Optional.empty();
    }

    /** A file of a known kind; what is there is read once. */
    private Optional<File> file(String name) {
        var matcher = FILE.matcher(name);
        String type = matcher.matches() ? TYPES.get(matcher.group(1)) : null;
        if (type == null || name.contains("..")) {
            return Optional.empty();
        }
        File known = files.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<File> read = read(name, type);
        read.ifPresent(file -> files.putIfAbsent(name, file));
        return read;
    }

    private static Optional<File> read(String name, String type) {
        try (InputStream in = StaticFiles.class.getResourceAsStream(ROOT + name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] content = in.readAllBytes();
            String etag = "\"" + Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of(content)) + "\"";
            return Optional.of(new File(Buffer.buffer(content), type, etag));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the web interface's " + name + " cannot be read", unreadable);
        }
    }
}
