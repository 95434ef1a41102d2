package io.latticegate.testing;

import io.latticegate.testing.Dialect.HttpCall;
import io.latticegate.testing.RecordedRequest.Outcome;
import io.latticegate.testing.Script.Fault;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What happens to one HTTP request of the {@link FakeProvider}: count, read the body, check the credential, record, choose
 * the script, answer in the dialect, deliver.
 */
final class Reception {
    private static final int BODY_BYTES_MAX = 32 << 20;
    private static final int FIXED_MAX = 1_024;

    /** An answer that is repeated for every equal request. */
    private record Fixed(Dialect dialect, Reply reply, Script script) {}

    private record FixedKey(String uri, Buffer body) {}

    private final Vertx vertx;
    private final Scripts scripts;
    private final RequestLog log;
    private final Control control;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<FixedKey, Fixed> fixed = new ConcurrentHashMap<>();
    private volatile Set<String> accepted = Set.of();

    Reception(Vertx vertx, Scripts scripts, RequestLog log) {
        this.vertx = vertx;
        this.scripts = scripts;
        this.log = log;
        control = new Control(log, this::reset);
    }

    void accept(Set<String> credentials) {
        accepted = credentials;
    }

    int inFlight() {
        return inFlight.get();
    }

    void reset() {
        log.clear();
        scripts.clear();
        fixed.clear();
    }

    void receive(HttpServerRequest request) {
        String path = path(request);
        if (path.startsWith("/__")) {
            control.answer(request);
            return;
        }
        log.count(path);
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= BODY_BYTES_MAX) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> answer(request, body));
        request.exceptionHandler(_ -> {
            RecordedRequest record = record(request, "", body);
            record.end(Outcome.CLIENT_LEFT, Bill.NOTHING);
            log.add(record);
        });
    }

    private void answer(HttpServerRequest request, Buffer body) {
        request.exceptionHandler(_ -> {});
        if (!fixed.isEmpty() && !scripts.set()) {
            Fixed known = fixed.get(new FixedKey(request.uri(), body));
            if (known != null && known.dialect().accepts(request, body, accepted)) {
                deliver(request, known.reply(), known.script(), known.dialect(), null);
                return;
            }
        }
        Dialect dialect = Dialect.of(path(request), request.headers());
        HttpCall call = new HttpCall(
                request.method().name(), path(request), request.headers(), request.params(), json(body), Script.PLAIN);
        RecordedRequest record = record(request, dialect.model(call), body);
        Script script = Script.PLAIN;
        Reply reply;
        try {
            if (!dialect.accepts(request, body, accepted)) {
                throw dialect.unauthorized(dialect.credential(request.headers(), request.params()));
            }
            if (body.length() > BODY_BYTES_MAX) {
                throw new Refusal(413, "Request exceeds the maximum size of 32 MiB");
            }
            script = scripts.select(record);
            reply = scripted(
                    dialect,
                    new HttpCall(call.method(), call.path(), call.headers(), call.query(), call.body(), script));
        } catch (Refusal refusal) {
            reply = dialect.error(refusal.status(), refusal.explanation(), refusal.parameter());
        } catch (IllegalArgumentException | ClassCastException unreadable) {
            reply = dialect.error(400, "Invalid request: " + unreadable.getMessage(), null);
        }
        if (script.fixed() && fixed.size() < FIXED_MAX && body.length() <= RecordedRequest.BODY_BYTES_MAX) {
            fixed.put(new FixedKey(request.uri(), body), new Fixed(dialect, reply, script));
        } else {
            log.add(record);
        }
        deliver(request, reply, script, dialect, record);
    }

    private static Reply scripted(Dialect dialect, HttpCall call) {
        Script script = call.script();
        Reply reply;
        if (script.status() != 200) {
            reply = failure(dialect, script);
        } else {
            reply = dialect.answer(call);
            if (!reply.streamed() && script.fault() == Fault.ERROR) {
                reply = dialect.error(500, "The server had an error while processing your request", null);
            }
            if (script.malformedJson()) {
                reply = reply.withMalformedJson();
            }
        }
        if (!reply.streamed()) {
            int pieces = script.gap().isZero() && script.fault() == Fault.NONE ? 1 : script.piecesMin();
            reply = reply.sliced(pieces);
        }
        return reply;
    }

    private static Reply failure(Dialect dialect, Script script) {
        Reply reply;
        if (script.html()) {
            String page = "<html><head><title>" + script.status() + "</title></head><body><h1>" + script.status()
                    + "</h1><hr>nginx</body></html>\n";
            reply = Reply.body(script.status(), "text/html", Buffer.buffer(page));
        } else {
            reply = dialect.error(script.status(), "Scripted failure with status " + script.status(), null);
        }
        if (script.masked()) {
            reply = reply.withStatus(200);
        }
        return script.retryAfterSeconds() < 0
                ? reply
                : reply.with("retry-after", String.valueOf(script.retryAfterSeconds()));
    }

    private void deliver(
            HttpServerRequest request, Reply reply, Script script, Dialect dialect, @Nullable RecordedRequest record) {
        inFlight.incrementAndGet();
        new Delivery(vertx, request, reply, script, dialect.errorFrame(path(request)), (outcome, bill) -> {
                    inFlight.decrementAndGet();
                    if (record != null) {
                        record.end(outcome, bill);
                    }
                })
                .start();
    }

    /** Empty where the request line has none, as in {@code OPTIONS *}. */
    private static String path(HttpServerRequest request) {
        String path = request.path();
        return path == null ? "" : path;
    }

    private static @Nullable JsonObject json(Buffer body) {
        try {
            return body.length() == 0 ? null : body.toJsonObject();
        } catch (DecodeException | ClassCastException notAnObject) {
            return null;
        }
    }

    private RecordedRequest record(HttpServerRequest request, String model, Buffer body) {
        int kept = Math.min(body.length(), RecordedRequest.BODY_BYTES_MAX);
        String query = request.query();
        List<Map.Entry<String, String>> headers = request.headers().entries().stream()
                .map(header -> Map.entry(header.getKey(), header.getValue()))
                .toList();
        return new RecordedRequest(
                log.nextNumber(),
                Instant.now(),
                System.nanoTime(),
                request.method().name(),
                path(request),
                query == null ? "" : query,
                model,
                headers,
                body.getBytes(0, kept),
                body.length());
    }
}
