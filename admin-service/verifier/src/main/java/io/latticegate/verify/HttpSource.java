package io.latticegate.verify;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** A running management API. Answers 429 and 503 are tried again for a while. */
final class HttpSource implements LogSource {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final int ATTEMPTS_MAX = 10;
    private static final long PAUSE_MILLIS = 1_000;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
    private final URI root;
    private final char[] credential;

    /**
     * @param address such as {@code https://admin.example:8081}
     * @param credential of at least the role viewer
     * @throws IllegalArgumentException when the address is not http or https
     */
    HttpSource(String address, char[] credential) {
        URI given = URI.create(address.endsWith("/") ? address : address + "/");
        if (given.getHost() == null || !("http".equals(given.getScheme()) || "https".equals(given.getScheme()))) {
            throw new IllegalArgumentException("--url must read http://host:port or https://host:port");
        }
        this.root = given.resolve("manage/audit/");
        this.credential = credential.clone();
    }

    @Override
    public Optional<byte[]> get(String name, int bytesMax) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(root.resolve(name))
                .timeout(REQUEST_TIMEOUT)
                .header("Authorization", "Bearer " + new String(credential))
                .GET()
                .build();
        try {
            for (int attempt = 1; ; attempt++) {
                HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream body = response.body()) {
                    int status = response.statusCode();
                    if (status == 404) {
                        return Optional.empty();
                    }
                    if (status == 200) {
                        return Optional.of(bounded(name, body, bytesMax));
                    }
                    if ((status != 429 && status != 503) || attempt == ATTEMPTS_MAX) {
                        throw new IOException(root.resolve(name) + " answered " + status);
                    }
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading " + name, interrupted);
        }
    }

    private static byte[] bounded(String name, InputStream body, int bytesMax) throws IOException {
        byte[] content = body.readNBytes(bytesMax + 1);
        if (content.length > bytesMax) {
            throw new IOException(name + " is longer than the " + bytesMax + " bytes that it may have");
        }
        return content;
    }

    @Override
    public String describe() {
        return root.toString();
    }
}
