package io.latticegate.admin.export;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.OtlpLogsConfig;
import io.latticegate.common.value.Secret;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;

/** A collector's other end of OTLP over HTTP: reads posts of log records as JSON, and answers as it is told to. */
final class LogCollector implements AutoCloseable {
    static final String CREDENTIAL = "credential-of-the-collector";

    /** Records that it has read and answered with 200 or, where it breaks off, not at all. */
    final List<JsonObject> records = new CopyOnWriteArrayList<>();

    final AtomicInteger requests = new AtomicInteger();
    final AtomicReference<Reply> reply = new AtomicReference<>(Reply.TAKEN);
    final AtomicReference<JsonObject> resource = new AtomicReference<>(new JsonObject());

    private final HttpServer server;

    /**
     * What it answers.
     *
     * @param status 0: it keeps the records and breaks the connection off
     */
    record Reply(int status, Optional<String> retryAfter, String body) {
        static final Reply TAKEN = new Reply(200, Optional.empty(), "{\"partialSuccess\":{}}");

        static Reply of(int status, String body) {
            return new Reply(status, Optional.empty(), body);
        }
    }

    /** @param port 0: any free one */
    LogCollector(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 0);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        server.createContext("/v1/logs", this::handle);
        server.start();
    }

    OtlpLogsConfig config() {
        return new OtlpLogsConfig(
                URI.create("http://127.0.0.1:" + port() + "/v1/logs"),
                ConfiguredSecret.of(Secret.ofText("authorization=Bearer " + CREDENTIAL)),
                "audit-of-tests",
                Duration.ofSeconds(5),
                true);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            byte[] body = new GZIPInputStream(exchange.getRequestBody()).readAllBytes();
            Reply now = isProper(exchange) ? reply.get() : Reply.of(401, "{}");
            if (now.status() == 0 || now.status() == 200) {
                keep(new JsonObject(Buffer.buffer(body)));
            }
            if (now.status() == 0) {
                return;
            }
            now.retryAfter().ifPresent(value -> exchange.getResponseHeaders().set("Retry-After", value));
            byte[] answer = now.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(now.status(), answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private static boolean isProper(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("POST")
                && "application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"))
                && "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                && ("Bearer " + CREDENTIAL).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private void keep(JsonObject request) {
        objects(request.getJsonArray("resourceLogs")).forEach(resourceLogs -> {
            resource.set(attributes(resourceLogs.getJsonObject("resource")));
            objects(resourceLogs.getJsonArray("scopeLogs"))
                    .forEach(scopeLogs -> records.addAll(objects(scopeLogs.getJsonArray("logRecords"))));
        });
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    /** The attributes of a record or resource; of each value, what its one field holds, as it stands in JSON. */
    static JsonObject attributes(JsonObject holder) {
        JsonObject attributes = new JsonObject();
        objects(holder.getJsonArray("attributes")).forEach(attribute -> {
            JsonObject value = attribute.getJsonObject("value");
            attributes.put(
                    attribute.getString("key"),
                    value.getValue(value.fieldNames().iterator().next()));
        });
        return attributes;
    }

    /** One attribute of every record, in the order of arrival. */
    List<String> values(String attribute) {
        return records.stream()
                .map(record -> attributes(record).getString(attribute))
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
