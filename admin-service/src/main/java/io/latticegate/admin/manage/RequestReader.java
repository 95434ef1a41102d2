package io.latticegate.admin.manage;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads requests on the event loop, with a bound on everything. */
final class RequestReader {
    /** Longest body, in bytes, but for calls that say otherwise. */
    static final int BODY_BYTES_MAX = 64 * 1024;

    private static final long BODY_MILLIS_MAX = TimeUnit.SECONDS.toMillis(10);
    private static final int PARAMETERS_MAX = 32;
    /** Another path of the effective configuration. */
    static final String CONFIG = "/config";

    private static final String PREFIX = "/manage";
    private static final Pattern HARMLESS_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private final Vertx vertx;
    private final SecureRandom random;

    RequestReader(Vertx vertx, SecureRandom random) {
        this.vertx = vertx;
        this.random = random;
    }

    /** Everything but the query and the body; never fails, since nobody is authenticated yet. */
    ManageRequest head(HttpServerRequest request) {
        String path = request.path() == null ? "" : request.path();
        byte[] id = new byte[12];
        random.nextBytes(id);
        return new ManageRequest(
                "req_" + HexFormat.of().formatHex(id),
                correlationId(request),
                address(request.remoteAddress()),
                text(request.getHeader("User-Agent")),
                request.method().name(),
                path,
                segments(path),
                Map.of(),
                text(request.getHeader("Content-Type")),
                String.join(", ", request.headers().getAll("If-Match")),
                String.join(", ", request.headers().getAll("Accept")),
                new byte[0]);
    }

    /**
     * The body, in a new array that the receiver wipes; what arrived is wiped here. Fails with {@link Refused}, or with
     * something else when the client is gone.
     *
     * @param bytesMax longest body
     */
    Future<byte[]> body(HttpServerRequest request, int bytesMax) {
        if (request.headers().contains("Content-Encoding")) {
            return Future.failedFuture(Refused.denied(415, "Content-Encoding is not supported"));
        }
        String announced = request.getHeader("Content-Length");
        if (announced != null && (announced.length() > 9 || Long.parseLong(announced) > bytesMax)) {
            return Future.failedFuture(tooLong(bytesMax));
        }
        Promise<byte[]> whole = Promise.promise();
        Collected collected = new Collected(whole, bytesMax);
        long timer = vertx.setTimer(
                BODY_MILLIS_MAX,
                late -> collected.refuse(Refused.denied(
                        408,
                        "the body did not arrive within " + TimeUnit.MILLISECONDS.toSeconds(BODY_MILLIS_MAX) + " s")));
        request.handler(collected::take).exceptionHandler(whole::tryFail).endHandler(end -> collected.end());
        request.resume();
        return whole.future().onComplete(read -> vertx.cancelTimer(timer));
    }

    private static Refused tooLong(int bytesMax) {
        return Refused.denied(413, "the body is longer than " + bytesMax + " bytes");
    }

    /** What has arrived; confined to the event loop. */
    private static final class Collected {
        private final Promise<byte[]> whole;
        private final int bytesMax;
        private byte[] bytes = new byte[512];
        private int length;

        Collected(Promise<byte[]> whole, int bytesMax) {
            this.whole = whole;
            this.bytesMax = bytesMax;
        }

        void take(Buffer chunk) {
            int more = chunk.length();
            if (whole.future().isComplete()) {
                return;
            }
            if (length + more > bytesMax) {
                refuse(tooLong(bytesMax));
                return;
            }
            if (length + more > bytes.length) {
                byte[] wider = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
                Arrays.fill(bytes, (byte) 0);
                bytes = wider;
            }
            chunk.getBytes(bytes, length);
            chunk.setBytes(0, new byte[more]);
            length += more;
        }

        void end() {
            byte[] read = Arrays.copyOf(bytes, length);
            Arrays.fill(bytes, (byte) 0);
            whole.tryComplete(read);
        }

        void refuse(Refused refused) {
            Arrays.fill(bytes, (byte) 0);
            whole.tryFail(refused);
        }
    }

    private static List<String> segments(String path) {
        if (path.equals(CONFIG)) {
            return List.of("config", "effective");
        }
        return path.length() <= PREFIX.length() || path.charAt(PREFIX.length()) != '/' || !path.startsWith(PREFIX)
                ? List.of()
                : List.of(path.substring(PREFIX.length() + 1).split("/", -1));
    }

    /** @throws Refused 400 when the query cannot be read without doubt */
    Map<String, String> query(HttpServerRequest request) {
        Map<String, String> query = new LinkedHashMap<>();
        MultiMap parameters;
        try {
            parameters = request.params();
        } catch (IllegalArgumentException malformed) {
            throw Refused.badRequest("the query is not properly encoded");
        }
        if (parameters.size() > PARAMETERS_MAX) {
            throw Refused.badRequest("the query has more than " + PARAMETERS_MAX + " parameters");
        }
        for (Map.Entry<String, String> parameter : parameters) {
            if (query.put(parameter.getKey(), parameter.getValue()) != null) {
                throw Refused.badRequest("query parameter " + Member.shown(parameter.getKey()) + " is given twice");
            }
        }
        return query;
    }

    private static String correlationId(HttpServerRequest request) {
        String id = request.getHeader("X-Correlation-ID");
        String fallback = id == null ? request.getHeader("X-Request-ID") : id;
        return fallback != null && HARMLESS_ID.matcher(fallback).matches() ? fallback : "";
    }

    private static String address(@Nullable SocketAddress address) {
        return address == null || address.hostAddress() == null ? "unknown" : address.hostAddress();
    }

    private static String text(@Nullable String header) {
        return header == null ? "" : header;
    }
}
