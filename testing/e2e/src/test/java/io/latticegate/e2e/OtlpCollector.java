package io.latticegate.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.latticegate.testing.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Takes spans as a collector does: OTLP over HTTP, protobuf, on a socket of loopback. */
public final class OtlpCollector implements AutoCloseable {
    private static final List<String> KINDS =
            List.of("unspecified", "internal", "server", "client", "producer", "consumer");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<Map<String, String>> heads = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /**
     * A span as it arrived; ids in hexadecimal.
     *
     * @param service {@code service.name} of the process that sent it
     * @param parentId empty at the beginning of a trace
     */
    public record Span(
            String service,
            String name,
            String kind,
            String traceId,
            String spanId,
            String parentId,
            long startNanos,
            long endNanos,
            String status,
            Map<String, String> attributes) {
        /** Whether {@code other} began and ended while this span was open. */
        public boolean encloses(Span other) {
            return startNanos <= other.startNanos && other.endNanos <= endNanos;
        }

        /** An attribute, or an empty text. */
        public String attribute(String key) {
            return attributes.getOrDefault(key, "");
        }
    }

    private OtlpCollector(HttpServer server) {
        this.server = server;
    }

    public static OtlpCollector start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
            var collector = new OtlpCollector(server);
            server.createContext("/v1/traces", collector::take);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
            return collector;
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    /** What {@code tracing.otlp} says, without a path. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            InputStream body = exchange.getRequestBody();
            byte[] message = (gzip ? new GZIPInputStream(body) : body).readAllBytes();
            boolean protobuf =
                    "application/x-protobuf".equals(exchange.getRequestHeaders().getFirst("Content-Type"));
            if (!protobuf || !exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(415, -1);
                return;
            }
            for (ByteString resourceSpans : fields(message, 1)) {
                keep(resourceSpans);
            }
            synchronized (bytes) {
                bytes.writeBytes(message);
            }
            Map<String, String> head = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> head.put(name, values.getFirst()));
            heads.add(head);
            exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    /** A ResourceSpans message; numbers of fields as in opentelemetry-proto 1.9, trace/v1/trace.proto. */
    private void keep(ByteString resourceSpans) throws InvalidProtocolBufferException {
        UnknownFieldSet of = parsed(resourceSpans);
        String service = attributes(of.getField(1).getLengthDelimitedList().getFirst(), 1)
                .getOrDefault("service.name", "");
        for (ByteString scopeSpans : of.getField(2).getLengthDelimitedList()) {
            for (ByteString span : parsed(scopeSpans).getField(2).getLengthDelimitedList()) {
                spans.add(span(service, span));
            }
        }
    }

    private static Span span(String service, ByteString bytes) throws InvalidProtocolBufferException {
        UnknownFieldSet span = parsed(bytes);
        ByteString status = first(span, 15);
        List<Long> code = parsed(status).getField(3).getVarintList();
        return new Span(
                service,
                first(span, 5).toStringUtf8(),
                KINDS.get(Math.toIntExact(span.getField(6).getVarintList().getFirst())),
                hex(first(span, 1)),
                hex(first(span, 2)),
                hex(first(span, 4)),
                span.getField(7).getFixed64List().getFirst(),
                span.getField(8).getFixed64List().getFirst(),
                !code.isEmpty() && code.getFirst() == 2 ? "error" : "unset",
                attributes(bytes, 9));
    }

    /** The KeyValue messages in a field. */
    private static Map<String, String> attributes(ByteString message, int field) throws InvalidProtocolBufferException {
        Map<String, String> values = new TreeMap<>();
        for (ByteString attribute : parsed(message).getField(field).getLengthDelimitedList()) {
            UnknownFieldSet pair = parsed(attribute);
            UnknownFieldSet value = parsed(first(pair, 2));
            String text;
            if (value.hasField(1)) {
                text = first(value, 1).toStringUtf8();
            } else if (value.hasField(2)) {
                text = value.getField(2).getVarintList().getFirst() == 1 ? "true" : "false";
            } else if (value.hasField(3)) {
                text = value.getField(3).getVarintList().getFirst().toString();
            } else if (value.hasField(4)) {
                text = Double.toString(Double.longBitsToDouble(
                        value.getField(4).getFixed64List().getFirst()));
            } else {
                text = value.toString();
            }
            values.put(first(pair, 1).toStringUtf8(), text);
        }
        return values;
    }

    private static List<ByteString> fields(byte[] message, int field) throws InvalidProtocolBufferException {
        return UnknownFieldSet.parseFrom(message).getField(field).getLengthDelimitedList();
    }

    private static UnknownFieldSet parsed(ByteString message) throws InvalidProtocolBufferException {
        return UnknownFieldSet.parseFrom(message);
    }

    private static ByteString first(UnknownFieldSet message, int field) {
        List<ByteString> values = message.getField(field).getLengthDelimitedList();
        return values.isEmpty() ? ByteString.EMPTY : values.getFirst();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** All that has arrived. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    /** What has arrived of one trace. */
    public List<Span> trace(String traceId) {
        return spans.stream().filter(span -> span.traceId.equals(traceId)).toList();
    }

    /** The first span of a trace that fits, once it has arrived. */
    public Span await(@Nullable String traceId, String what, Predicate<Span> fits) {
        return Await.value(
                PATIENCE,
                "a span: " + what,
                () -> spans.stream()
                        .filter(span -> traceId == null || span.traceId.equals(traceId))
                        .filter(fits)
                        .findFirst()
                        .map(Optional::of)
                        .orElse(Optional.empty()));
    }

    /** The heads of all posts. */
    public List<Map<String, String>> heads() {
        return List.copyOf(heads);
    }

    /** All posts, one behind the other, uncompressed. */
    public byte[] bytes() {
        synchronized (bytes) {
            return bytes.toByteArray();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
