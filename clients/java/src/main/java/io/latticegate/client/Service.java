package io.latticegate.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.ServiceRefusalException;
import io.latticegate.client.error.ServiceUnreachableException;
import io.latticegate.client.frame.FrameBody;
import io.latticegate.client.frame.FrameReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP side: requests with the project's token, refusals as exceptions, replies within bounds of size and time. Calls
 * block. Redirects are not followed, since the token would go with them.
 */
final class Service implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int JSON_BYTES_MAX = 4 << 20;
    private static final int RETRY_SECONDS_MAX = 3_600;
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    private final URI base;
    private final Supplier<String> token;
    private final Duration timeout;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("latticegate-client-deadlines").factory());

    /**
     * A service.
     *
     * @param base without a path; plain HTTP only on this machine, unless {@code allowHttp}
     * @param timeout of one whole call but an upload
     */
    Service(URI base, boolean allowHttp, Supplier<String> token, Duration timeout) {
        String scheme = String.valueOf(base.getScheme()).toLowerCase(Locale.ROOT);
        String host = base.getHost();
        if (host == null
                || base.getRawUserInfo() != null
                || base.getRawQuery() != null
                || base.getRawFragment() != null
                || !(base.getRawPath().isEmpty() || base.getRawPath().equals("/"))) {
            throw new IllegalArgumentException("the address of fhe-service is scheme://host[:port], not " + base);
        }
        if (!scheme.equals("https") && !(scheme.equals("http") && (allowHttp || LOOPBACK.contains(host)))) {
            throw new IllegalArgumentException("the token would go to " + host + " over " + scheme
                    + "; allowed are https, and http on this machine or where it is asked for");
        }
        this.base = base;
        this.token = token;
        this.timeout = timeout;
    }

    JsonNode get(String path) {
        return json(request(path).timeout(timeout).GET());
    }

    JsonNode post(String path, JsonNode body) {
        return json(request(path)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(bytes(body))));
    }

    JsonNode putJson(String path, JsonNode body) {
        return json(request(path)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofByteArray(bytes(body))));
    }

    void delete(String path) {
        exchange(request(path).timeout(timeout).DELETE(), reply -> null);
    }

    /**
     * Uploads bytes of any number.
     *
     * @param limit of the whole upload and its answer
     */
    JsonNode put(String path, Map<String, String> headers, BodyPublisher body, Duration limit) {
        HttpRequest.Builder request = request(path)
                .timeout(limit)
                .header("Content-Type", "application/octet-stream")
                .PUT(body);
        headers.forEach(request::header);
        return json(request);
    }

    /** Reads a reply of frames. */
    @FunctionalInterface
    interface FrameUse<T> {
        T read(FrameReader reply) throws IOException;
    }

    /** Asks with frames, and hands over the reply while it arrives. */
    <T> T frames(
            String path,
            Map<String, String> headers,
            JsonNode head,
            List<byte[]> ciphertexts,
            long ciphertextBytesMax,
            FrameUse<T> use) {
        HttpRequest.Builder request = request(path)
                .timeout(timeout)
                .header("Content-Type", FrameBody.MEDIA_TYPE)
                .header("Accept", FrameBody.MEDIA_TYPE)
                .POST(FrameBody.of(bytes(head), ciphertexts).publisher());
        headers.forEach(request::header);
        return exchange(request, reply -> {
            String type = reply.headers().firstValue("Content-Type").orElse("none");
            if (!type.equals(FrameBody.MEDIA_TYPE)) {
                throw new BrokenReplyException(path + " answered with the media type " + type);
            }
            try (FrameReader reader = new FrameReader(reply.body(), ciphertextBytesMax)) {
                return use.read(reader);
            }
        });
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path)).header("Authorization", "Bearer " + token.get());
    }

    private JsonNode json(HttpRequest.Builder request) {
        return exchange(request, reply -> readJson(reply.body()));
    }

    @FunctionalInterface
    private interface ReplyUse<T extends @Nullable Object> {
        T read(HttpResponse<InputStream> reply) throws IOException;
    }

    private <T extends @Nullable Object> T exchange(HttpRequest.Builder builder, ReplyUse<T> use) {
        HttpRequest request = builder.build();
        String what = request.method() + " " + request.uri().getPath();
        try {
            HttpResponse<InputStream> reply = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            ScheduledFuture<?> deadline = deadlines.schedule(
                    () -> close(reply.body()), request.timeout().orElse(timeout).toMillis(), TimeUnit.MILLISECONDS);
            try (InputStream body = reply.body()) {
                if (reply.statusCode() / 100 != 2) {
                    throw refusal(what, reply, body);
                }
                return use.read(reply);
            } finally {
                deadline.cancel(false);
            }
        } catch (IOException fault) {
            throw new ServiceUnreachableException(what + ": " + fault.getMessage(), fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ServiceUnreachableException(what + ": interrupted", interrupted);
        }
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException alreadyGone) {
            // The reader of the body finds that out by itself.
        }
    }

    private static RuntimeException refusal(String what, HttpResponse<InputStream> reply, InputStream body)
            throws IOException {
        JsonNode error;
        try {
            error = readJson(body).path("error");
        } catch (BrokenReplyException notOurs) {
            return new BrokenReplyException(
                    what + " was answered with " + reply.statusCode() + " and no reason that can be read", notOurs);
        }
        return ServiceRefusalException.of(
                reply.statusCode(),
                error.path("code").asText("unknown"),
                error.path("message").asText(),
                reply.headers().firstValue("Retry-After").map(Service::seconds).orElse(null));
    }

    private static @Nullable Duration seconds(String text) {
        return text.matches("[0-9]{1,9}")
                ? Duration.ofSeconds(Math.min(Integer.parseInt(text), RETRY_SECONDS_MAX))
                : null;
    }

    private static JsonNode readJson(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(JSON_BYTES_MAX + 1);
        if (bytes.length > JSON_BYTES_MAX) {
            throw new BrokenReplyException("a reply of more than " + JSON_BYTES_MAX + " bytes of JSON");
        }
        try {
            JsonNode read = JSON.readTree(bytes);
            if (read == null || !read.isObject()) {
                throw new BrokenReplyException("a reply is no JSON object");
            }
            return read;
        } catch (JsonProcessingException malformed) {
            throw new BrokenReplyException("a reply is no JSON", malformed);
        }
    }

    private static byte[] bytes(JsonNode body) {
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        http.shutdownNow();
    }
}
