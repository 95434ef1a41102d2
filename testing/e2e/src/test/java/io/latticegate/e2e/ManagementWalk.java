package io.latticegate.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Makes every call that the OpenAPI document of a running installation offers, and keeps the answers, heads and all. A call that
 * nobody has told how to make fails the walk, so that new calls come into it by themselves.
 */
final class ManagementWalk {
    private final HttpClient http;
    private final String root;
    private final String token;
    private final Path kept;
    private final JsonObject document;
    private int answers;

    /**
     * @param root of the management port
     * @param kept folder for the answers
     */
    ManagementWalk(HttpClient http, String root, String token, Path kept) throws IOException, InterruptedException {
        this.http = http;
        this.root = root;
        this.token = token;
        this.kept = kept;
        HttpResponse<byte[]> answer = send(asked("/manage/openapi.json").GET());
        assertThat(answer.statusCode()).isEqualTo(200);
        document = new JsonObject(io.vertx.core.buffer.Buffer.buffer(answer.body()));
    }

    int answers() {
        return answers;
    }

    /**
     * Every read, with each value of each parameter that has a few.
     *
     * @param places addresses for each path with parameters, as the document has it
     * @param absent addresses of what need not be there
     */
    void reads(Map<String, List<String>> places, List<String> absent) throws IOException, InterruptedException {
        for (String path : paths()) {
            JsonObject item = document.getJsonObject("paths").getJsonObject(path);
            if (!item.containsKey("get")) {
                continue;
            }
            for (String address : addresses(path, places)) {
                for (String query : queries(item.getJsonObject("get"))) {
                    HttpResponse<byte[]> answer = send(asked(address + query).GET());
                    if (!absent.contains(address)) {
                        assertThat(answer.statusCode())
                                .as(address + query + ": "
                                        + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
                                .isEqualTo(200);
                    }
                }
            }
        }
    }

    /** Every call that changes something, in ways in which none may, with a secret where the client put it by mistake. */
    void mistakes(Map<String, List<String>> places, String secret) throws IOException, InterruptedException {
        for (String path : paths()) {
            for (String method :
                    document.getJsonObject("paths").getJsonObject(path).fieldNames()) {
                if (method.equals("get") || method.equals("parameters")) {
                    continue;
                }
                String address = addresses(path, places).getFirst();
                for (String body : List.of(
                        "{\"api_key\":\"" + secret + "\",}",
                        "{\"" + secret + "\":\"" + secret + "\"}",
                        "\"" + secret + "\"",
                        secret)) {
                    HttpResponse<byte[]> answer = send(asked(address)
                            .header("Content-Type", "application/json")
                            .header("If-Match", "\"1\"")
                            .method(method.toUpperCase(java.util.Locale.ROOT), BodyPublishers.ofString(body)));
                    assertThat(answer.statusCode())
                            .as(method + " " + address)
                            .isBetween(path.endsWith("/validate") ? 200 : 400, 499);
                }
            }
        }
    }

    /** Any other read, whatever it answers. */
    HttpResponse<byte[]> read(String url, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).GET();
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    /** Sends a request and keeps the answer. */
    HttpResponse<byte[]> send(HttpRequest.Builder builder) throws IOException, InterruptedException {
        HttpRequest request = builder.build();
        HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
        String head = request.method() + " " + request.uri().getPath() + " " + answer.statusCode() + " "
                + answer.headers().map() + "\n";
        Path file = kept.resolve("%04d".formatted(answers++));
        Files.write(
                file,
                Stream.of(head.getBytes(java.nio.charset.StandardCharsets.UTF_8), answer.body())
                        .reduce(new byte[0], ManagementWalk::joined));
        return answer;
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private HttpRequest.Builder asked(String address) {
        return HttpRequest.newBuilder(URI.create(root + address)).header("Authorization", "Bearer " + token);
    }

    private List<String> paths() {
        return List.copyOf(document.getJsonObject("paths").fieldNames());
    }

    private static List<String> addresses(String path, Map<String, List<String>> places) {
        if (!path.contains("{")) {
            return List.of(path);
        }
        return requireNonNull(places.get(path), () -> "nobody said what stands for the parameters of " + path);
    }

    /** What is required, then each value of each parameter with a list of them, one after the other. */
    private List<String> queries(JsonObject operation) {
        StringBuilder required = new StringBuilder();
        List<String> more = new ArrayList<>();
        for (Object one : operation.getJsonArray("parameters", new JsonArray())) {
            JsonObject parameter = resolved((JsonObject) one);
            if (!"query".equals(parameter.getString("in"))) {
                continue;
            }
            JsonArray values = resolved(parameter.getJsonObject("schema")).getJsonArray("enum", new JsonArray());
            String name = parameter.getString("name");
            if (Boolean.TRUE.equals(parameter.getBoolean("required"))) {
                required.append(required.isEmpty() ? "?" : "&")
                        .append(name)
                        .append('=')
                        .append(values.isEmpty() ? "1" : values.getString(0));
            } else {
                values.forEach(value -> more.add(name + "=" + value));
            }
        }
        List<String> queries = new ArrayList<>(List.of(required.toString()));
        more.forEach(one -> queries.add(required + (required.isEmpty() ? "?" : "&") + one));
        return queries;
    }

    private JsonObject resolved(JsonObject described) {
        String reference = described.getString("$ref");
        if (reference == null) {
            return described;
        }
        JsonObject found = document;
        for (String name : reference.substring(2).split("/", -1)) {
            found = found.getJsonObject(name);
        }
        return found;
    }
}
