package io.latticegate.admin.session;

import com.nimbusds.jose.util.Resource;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The HTTP side of an OpenID Connect provider: bounded in time and size, and never led elsewhere by a redirect. Blocks, so
 * it belongs on virtual threads.
 */
final class OidcEndpoints implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final int ANSWER_BYTES_MAX = 256 * 1024;
    private static final String JSON = "application/json";

    private final URI issuer;
    private final HttpClient client;

    /**
     * What the provider says about itself (OpenID Connect Discovery 1.0, section 3; RFC 8414).
     *
     * @param namesIssuer whether it adds {@code iss} to what it sends back through the browser (RFC 9207)
     */
    record Metadata(URI authorization, URI token, URI keys, boolean namesIssuer) {}

    /** The provider does not answer, or not as it must. */
    static final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }

        Unavailable(String message) {
            super(message);
        }
    }

    OidcEndpoints(URI issuer) {
        this.issuer = issuer;
        this.client = HttpClient.newBuilder()
                .connectTimeout(CONNECT_LIMIT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Asks the provider who it is. */
    Metadata discover() {
        String base = issuer.toString().replaceFirst("/+$", "");
        JsonObject said = json(
                HttpRequest.newBuilder(URI.create(base + "/.well-known/openid-configuration"))
                        .GET(),
                200);
        if (!issuer.toString().equals(string(said, "issuer"))) {
            throw new Unavailable("the provider names another issuer than management.oidc.issuer");
        }
        return new Metadata(
                endpoint(said, "authorization_endpoint"),
                endpoint(said, "token_endpoint"),
                endpoint(said, "jwks_uri"),
                Boolean.TRUE.equals(said.getValue("authorization_response_iss_parameter_supported")));
    }

    /**
     * Posts a form.
     *
     * @param authorization the header of that name, or empty
     * @return the provider's answer with status 200, or 400 or 401 when it refuses
     */
    JsonObject post(URI target, Map<String, String> form, String authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encoded(form)));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return json(request, 200, 400, 401);
    }

    /** For the library that keeps the provider's keys. */
    Resource retrieve(URL url) throws IOException {
        try {
            HttpResponse<String> response =
                    send(HttpRequest.newBuilder(URI.create(url.toString())).GET());
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode());
            }
            return new Resource(response.body(), JSON);
        } catch (Unavailable gone) {
            throw new IOException(gone.getMessage(), gone);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /** {@code application/x-www-form-urlencoded}. */
    static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JsonObject json(HttpRequest.Builder request, Integer... statuses) {
        HttpResponse<String> response = send(request);
        if (!List.of(statuses).contains(response.statusCode())) {
            throw new Unavailable("the provider answered with status " + response.statusCode());
        }
        try {
            return new JsonObject(response.body());
        } catch (DecodeException malformed) {
            throw new Unavailable("the provider answered with something that is not JSON", malformed);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(
                    request.timeout(ANSWER_LIMIT).header("Accept", JSON).build(),
                    BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), ANSWER_BYTES_MAX));
        } catch (IOException gone) {
            throw new Unavailable("the provider does not answer", gone);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Unavailable("interrupted while the provider was asked", interrupted);
        }
    }

    /** An endpoint is as well protected as the issuer: https, unless the issuer itself is http on this machine. */
    private URI endpoint(JsonObject said, String name) {
        String text = string(said, name);
        try {
            URI found = URI.create(text);
            String scheme = found.getScheme() == null ? "" : found.getScheme().toLowerCase(Locale.ROOT);
            boolean safe = scheme.equals("https")
                    || (scheme.equals("http")
                            && scheme.equalsIgnoreCase(issuer.getScheme())
                            && String.valueOf(issuer.getHost()).equals(found.getHost()));
            if (safe && found.getHost() != null && found.getRawUserInfo() == null && found.getRawFragment() == null) {
                return found;
            }
        } catch (IllegalArgumentException malformed) {
            throw new Unavailable("the provider's " + name + " is no address", malformed);
        }
        throw new Unavailable("the provider's " + name + " is not https");
    }

    static String string(JsonObject object, String name) {
        return object.getValue(name) instanceof String text ? text : "";
    }
}
