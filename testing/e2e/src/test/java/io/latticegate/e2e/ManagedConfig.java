package io.latticegate.e2e;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of {@code /manage/config}. */
public final class ManagedConfig {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    private final String management;
    private final String credential;

    /** An answer. */
    public record Reply(int status, String etag, String text) {
        public JsonObject json() {
            return new JsonObject(text);
        }

        /** Paths of the problems that it lists. */
        public List<String> problems() {
            return json().getJsonArray("problems", new JsonArray()).stream()
                    .map(problem -> ((JsonObject) problem).getString("path"))
                    .toList();
        }

        public long version() {
            return json().getLong("version");
        }
    }

    /** @param management root of the management port */
    public ManagedConfig(String management, String credential) {
        this.management = management;
        this.credential = credential;
    }

    /** What is in force. */
    public Reply read() {
        return get("");
    }

    public Reply get(String path) {
        return send("GET", path, null, null, null);
    }

    /** Changes what is in force with a merge patch. */
    public Reply patch(String patch) {
        return patch(read().etag(), patch);
    }

    public Reply patch(@Nullable String etag, String patch) {
        return send("PATCH", "", etag, "application/merge-patch+json", patch);
    }

    public Reply put(@Nullable String etag, String document) {
        return send("PUT", "", etag, "application/json", document);
    }

    public Reply rollback(long version) {
        return send("POST", "/versions/" + version + "/rollback", read().etag(), null, "");
    }

    /** Any call below {@code /manage/config}. */
    public Reply send(
            String method, String path, @Nullable String etag, @Nullable String contentType, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(management + "/manage/config" + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + credential)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (etag != null) {
            request.header("If-Match", etag);
        }
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(
                    response.statusCode(), response.headers().firstValue("ETag").orElse(""), response.body());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}
