package io.latticegate.e2e.mesh;

import io.latticegate.e2e.LocalMesh;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A client of the mesh that marks each request, so that it can be found at the provider and in the audit. */
final class Client {
    private static final AtomicLong MARKS = new AtomicLong();
    private static final String RUN = Long.toHexString(System.nanoTime());
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    /**
     * What came back.
     *
     * @param mark the request's correlation id, and part of its prompt
     * @param status 0 where the connection failed or broke
     */
    record Reply(String mark, int status, String body, Optional<String> retryAfter) {}

    private Client() {}

    static String mark() {
        return "mark-" + RUN + "-" + MARKS.incrementAndGet() + "-";
    }

    /** One chat completion through a proxy. */
    static Reply chat(LocalMesh.Node proxy, String token) {
        return chat(proxy, token, "gpt-4o-mini", false);
    }

    static Reply chat(LocalMesh.Node proxy, String token, String model, boolean stream) {
        String mark = mark();
        String body = "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"" + mark + "\"}]}";
        HttpRequest request = HttpRequest.newBuilder(proxy.url("/v1/chat/completions"))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("X-Correlation-ID", mark)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return send(mark, request);
    }

    static Reply post(LocalMesh.Node proxy, String path, String body, @Nullable String signature) {
        HttpRequest.Builder request = HttpRequest.newBuilder(proxy.url(path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (signature != null) {
            request.header("X-Wallet-Signature", signature);
        }
        return send("", request.build());
    }

    private static Reply send(String mark, HttpRequest request) {
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return new Reply(
                    mark,
                    response.statusCode(),
                    response.body(),
                    response.headers().firstValue("Retry-After"));
        } catch (IOException broken) {
            return new Reply(mark, 0, String.valueOf(broken), Optional.empty());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Reply(mark, 0, "interrupted", Optional.empty());
        }
    }

    /** Value of a metric without labels; NaN: there is none. */
    static double metric(LocalMesh.Node node, String name) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + node.managementPort() + "/metrics"))
                .timeout(Duration.ofSeconds(10))
                .build();
        return send("", request)
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    /** Runs all at once and returns their results in the same order. */
    static <T> List<T> together(List<Callable<T>> calls) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        } catch (ExecutionException fault) {
            throw new AssertionError("a call failed", fault);
        }
    }
}
