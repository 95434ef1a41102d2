package io.latticegate.testing;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** A raw HTTP/1.1 client of the {@link FakeProvider}, without any SDK's habits. */
final class Call {
    static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final FakeProvider provider;
    private final String[] headers;

    Call(FakeProvider provider, String... headers) {
        this.provider = provider;
        this.headers = headers;
    }

    static Call openAi(FakeProvider provider) {
        return new Call(provider, "Authorization", "Bearer sk-openai-0123456789");
    }

    static Call anthropic(FakeProvider provider) {
        return new Call(provider, "x-api-key", "sk-ant-0123456789", "anthropic-version", "2023-06-01");
    }

    static Call gemini(FakeProvider provider) {
        return new Call(provider, "x-goog-api-key", "AIza-0123456789");
    }

    HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(provider.uri(path))
                .timeout(Duration.ofSeconds(10))
                .headers(headers)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return CLIENT.send(request(path, body), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(provider.uri(path)).headers(headers).build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    static JsonObject json(HttpResponse<String> response) {
        return new JsonObject(response.body());
    }

    /** The data of every event of an SSE body, whatever its line ends. */
    static List<String> data(String body) {
        return body.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6))
                .toList();
    }
}
