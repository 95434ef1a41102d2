package io.latticegate.fhe.app.http;

import io.latticegate.fhe.app.audit.Deed;
import io.latticegate.fhe.app.auth.Admission.Admitted;
import io.latticegate.fhe.app.auth.Caller;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. An endpoint answers once, from any thread: with JSON, with {@linkplain FrameReply frames}, or with a
 * refusal. When the call is over, the token's lease and the audit are settled.
 */
public final class Call {
    private static final int JSON_MAX = 64 << 10;

    private final HttpServerRequest request;
    private final Context context;
    private final String requestId;
    private final Map<String, String> values;
    private final Duration bodyLimit;
    private final @Nullable Admitted admitted;
    private final @Nullable Deed deed;
    private final Consumer<Call> counted;
    private final long startedNanos = System.nanoTime();
    private final AtomicBoolean answered = new AtomicBoolean();
    private final List<Runnable> onGone = new ArrayList<>();
    private final Map<String, String> headers = new ConcurrentHashMap<>();
    private volatile @Nullable String warning;
    private volatile @Nullable String epoch;
    private int status;
    private boolean over;

    Call(
            HttpServerRequest request,
            Context context,
            String requestId,
            Map<String, String> values,
            Duration bodyLimit,
            @Nullable Admitted admitted,
            @Nullable Deed deed,
            Consumer<Call> counted) {
        this.request = request;
        this.context = context;
        this.requestId = requestId;
        this.values = values;
        this.bodyLimit = bodyLimit;
        this.admitted = admitted;
        this.deed = deed;
        this.counted = counted;
        request.response().closeHandler(_ -> left());
    }

    public String requestId() {
        return requestId;
    }

    /** Who calls. @throws IllegalStateException on a route that is open to everybody */
    public Caller caller() {
        if (admitted == null) {
            throw new IllegalStateException("an open route has no caller");
        }
        return admitted.caller();
    }

    /** The value of a segment in braces. */
    public String value(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("the route has no {" + name + "}");
        }
        return value;
    }

    /** A parameter of the query, or null. @throws Refusal where it is given twice */
    public @Nullable String query(String name) {
        List<String> given = request.params().getAll(name);
        if (given.size() > 1) {
            throw Refusal.invalid("The parameter " + name + " is given " + given.size() + " times; allowed is once");
        }
        return given.isEmpty() ? null : given.getFirst();
    }

    public @Nullable String header(String name) {
        return request.getHeader(name);
    }

    /** Refuses a body of another media type. */
    public void requireType(String type) {
        String given = request.getHeader("Content-Type");
        String bare = given == null ? "" : given.split(";", 2)[0].trim();
        if (!bare.equalsIgnoreCase(type)) {
            throw Refusal.unsupported(type);
        }
    }

    /**
     * The body, while it arrives. Its declared length is checked first.
     *
     * @throws Refusal 413
     */
    public InputStream body(long bytesMax) {
        String length = request.getHeader("Content-Length");
        if (length != null && (length.length() > 18 || Long.parseLong(length) > bytesMax)) {
            throw Refusal.tooLarge("The body has " + length + " bytes", bytesMax);
        }
        return BodyStream.open(context, request, bytesMax, bodyLimit);
    }

    /** A body of JSON, at most 64 KiB. */
    public JsonObject json() throws IOException {
        requireType("application/json");
        byte[] bytes = body(JSON_MAX).readAllBytes();
        return parse(bytes, "The body");
    }

    /** @throws Refusal 400 where {@code bytes} hold no JSON object */
    static JsonObject parse(byte[] bytes, String what) {
        try {
            return new JsonObject(Buffer.buffer(bytes));
        } catch (DecodeException | ClassCastException malformed) {
            throw Refusal.invalid(what + " is not a JSON object");
        }
    }

    /** Adds to the answer that the keys are of an epoch that has expired. */
    public void warn(String text, String keyEpoch) {
        warning = text;
        epoch = keyEpoch;
    }

    /** Adds a header to the answer, whatever it will be. */
    public void announce(String header, String value) {
        headers.put(header, value);
    }

    /** A further fact for the audit, never a secret. */
    public void note(String key, String value) {
        if (deed != null) {
            deed.note(key, value);
        }
    }

    /** Runs {@code action} on the event loop when the client leaves before the answer has ended; at once if it has left. */
    public void onGone(Runnable action) {
        context.runOnContext(_ -> {
            if (over && !request.response().ended()) {
                action.run();
            } else {
                onGone.add(action);
            }
        });
    }

    /** Answers with JSON. */
    public void answer(int code, JsonObject body) {
        answer(code, body, Map.of());
    }

    /** Answers with JSON and further headers. */
    public void answer(int code, JsonObject body, Map<String, String> headers) {
        send(code, "application/json", body.toBuffer(), headers);
    }

    /** Answers with bytes. */
    public void answer(int code, String type, byte[] body) {
        send(code, type, Buffer.buffer(body), Map.of());
    }

    /** Answers 204. */
    public void answerNothing() {
        send(204, null, null, Map.of());
    }

    /** Answers with an error, unless the call has been answered. */
    public void refuse(Refusal refusal) {
        Map<String, String> headers = refusal.retryAfterSeconds() == 0
                ? Map.of()
                : Map.of("Retry-After", Integer.toString(refusal.retryAfterSeconds()));
        note("error", refusal.code());
        send(refusal.status(), "application/json", refusal.body().toBuffer(), headers);
    }

    private void send(int code, @Nullable String type, @Nullable Buffer body, Map<String, String> headers) {
        if (!claim()) {
            return;
        }
        context.runOnContext(_ -> {
            if (over) {
                return;
            }
            HttpServerResponse response = head(code);
            if (type != null) {
                response.putHeader("Content-Type", type);
            }
            headers.forEach(response::putHeader);
            boolean unread = hasBody(request) && !request.isEnded();
            if (unread) {
                response.putHeader("Connection", "close");
            }
            var sent = body == null ? response.end() : response.end(body);
            sent.onComplete(_ -> finish());
            if (unread) {
                LingeringClose.of(context, request);
            }
        });
    }

    /** Whether a body comes with the head of {@code request}. */
    static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return request.getHeader("Transfer-Encoding") != null || length != null && !length.equals("0");
    }

    /** Whether this is the one who answers. */
    boolean claim() {
        return answered.compareAndSet(false, true);
    }

    Context context() {
        return context;
    }

    HttpServerResponse response() {
        return request.response();
    }

    HttpConnection connection() {
        return request.connection();
    }

    /** On the event loop, by whoever has claimed the answer. */
    HttpServerResponse head(int code) {
        status = code;
        HttpServerResponse response = request.response().setStatusCode(code).putHeader("X-Request-ID", requestId);
        headers.forEach(response::putHeader);
        String warn = warning;
        String keyEpoch = epoch;
        if (warn != null && keyEpoch != null) {
            response.putHeader("Warning", warn).putHeader("X-Latticegate-Key-Epoch", keyEpoch);
        }
        return response;
    }

    private void left() {
        if (!over && !request.response().ended()) {
            answered.set(true);
            status = 499;
            List<Runnable> actions = List.copyOf(onGone);
            finish();
            actions.forEach(Runnable::run);
        } else {
            finish();
        }
    }

    /** On the event loop: settles what the call holds. */
    void finish() {
        if (over) {
            return;
        }
        over = true;
        onGone.clear();
        if (admitted != null) {
            admitted.settle(status < 500 || status == 504);
        }
        if (deed != null) {
            deed.end(status);
        }
        counted.accept(this);
    }

    /** 499 where the client left. */
    int status() {
        return status;
    }

    String method() {
        return request.method().name();
    }

    long elapsedNanos() {
        return System.nanoTime() - startedNanos;
    }
}
