package io.latticegate.proxy.fhe;

import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.latticegate.proxy.edge.Cors;
import io.latticegate.proxy.edge.RequestIds;
import io.latticegate.proxy.relay.LingeringClose;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests of encrypted compute to the pod that they are placed on, bodies piped both ways. The pod authenticates,
 * counts and audits them; here they are only bounded in number. A pod that takes no connection is passed over for the next in
 * rank, since any pod can serve; once a request has been sent, its failure is told and nothing is repeated. Only of jobs, which
 * one pod knows, all pods are asked in turn. Confined to one event loop.
 */
public final class FheForward {
    private static final Log LOG = Log.of(FheForward.class);
    private static final int CONNECT_MILLIS = 2_000;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE");
    private static final Set<String> ONE_LEG = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "expect",
            "host");

    private final HttpClient client;
    private final FhePods pods;
    private final Supplier<Cors> cors;
    private final RequestIds ids;
    private final int concurrentMax;
    private int inProgress;
    private boolean draining;

    /**
     * @param idle how long a pod may be silent: longer than a job may wait and run
     * @param concurrentMax most requests under way here
     */
    public FheForward(
            Vertx vertx, FhePods pods, Supplier<Cors> cors, RequestIds ids, Duration idle, int concurrentMax) {
        this.pods = pods;
        this.cors = cors;
        this.ids = ids;
        this.concurrentMax = concurrentMax;
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setIdleTimeout(Math.toIntExact(idle.toSeconds()))
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setTcpNoDelay(true)
                        .setDecompressionSupported(false),
                new PoolOptions().setHttp1MaxSize(concurrentMax));
    }

    /** Requests that are not over. */
    public int inProgress() {
        return inProgress;
    }

    /** Refuses new requests from now on. */
    public void drain() {
        draining = true;
    }

    /** Takes a request whose head was found well-formed and whose path {@link FhePaths} owns; it is paused. */
    public void take(HttpServerRequest request) {
        Cors allowed = cors.get();
        allowed.mark(request);
        if (allowed.isPreflight(request)) {
            allowed.allow(request, METHODS);
            request.resume();
            request.response().setStatusCode(204).end();
            return;
        }
        Passage passage = new Passage(request);
        if (draining) {
            passage.refuse(503, "overloaded", "This node is shutting down");
        } else if (inProgress > concurrentMax) {
            passage.refuse(503, "overloaded", "Too many requests of encrypted compute in progress on this node");
        } else {
            passage.connect(pods.ranked(FhePaths.placement(
                    String.valueOf(request.path()), String.valueOf(request.getHeader("Authorization")))));
        }
    }

    /** Copies the headers that are not of one leg only (RFC 9110 section 7.6.1). */
    private static void copyEndToEnd(MultiMap from, MultiMap to) {
        Set<String> named = new HashSet<>();
        for (String line : from.getAll("Connection")) {
            for (String name : line.split(",", -1)) {
                named.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!ONE_LEG.contains(name) && !named.contains(name)) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }

    /** One request on its way. */
    private final class Passage {
        private final HttpServerRequest request;
        private final HttpServerResponse response;
        private final boolean hasBody;
        private final String requestId = ids.next();
        private @Nullable HttpClientRequest upstream;
        private boolean answered;
        private boolean over;

        private Passage(HttpServerRequest request) {
            this.request = request;
            this.response = request.response();
            this.hasBody = request.headers().contains("Content-Length")
                    || request.headers().contains("Transfer-Encoding");
            if (!hasBody) {
                request.resume();
            }
            inProgress++;
            response.exceptionHandler(_ -> clientGone());
            response.closeHandler(_ -> clientGone());
            response.endHandler(_ -> finish());
        }

        private void connect(List<SocketAddress> ranked) {
            if (ranked.isEmpty()) {
                refuse(503, "fhe_unavailable", "No pod of encrypted compute can be reached; try again later");
                return;
            }
            SocketAddress pod = ranked.getFirst();
            List<SocketAddress> others = ranked.subList(1, ranked.size());
            RequestOptions options = new RequestOptions()
                    .setServer(pod)
                    .setHost(pod.host())
                    .setPort(pod.port())
                    .setMethod(request.method())
                    .setURI(request.uri());
            client.request(options).onComplete(connected -> {
                if (over) {
                    if (connected.succeeded()) {
                        connected.result().reset();
                    }
                } else if (connected.succeeded()) {
                    send(connected.result(), others);
                } else {
                    LOG.warn(
                            "a pod of fhe-service takes no connection",
                            LogKey.ADDRESS.of(pod.toString()),
                            LogKey.REASON.of(String.valueOf(connected.cause().getMessage())));
                    connect(others);
                }
            });
        }

        private void send(HttpClientRequest to, List<SocketAddress> others) {
            upstream = to;
            copyEndToEnd(request.headers(), to.headers());
            if (!to.headers().contains("X-Request-ID")) {
                to.putHeader("X-Request-ID", requestId);
            }
            if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
                response.writeContinue();
            }
            to.response().onSuccess(from -> answer(from, others)).onFailure(this::failed);
            if (hasBody) {
                to.setChunked(!request.headers().contains("Content-Length"));
                request.pipe().endOnFailure(false).to(to).onFailure(this::bodyBroken);
            } else {
                to.end();
            }
        }

        /** The pod may have answered and closed before it read everything: its answer, if one comes, is what counts. */
        private void bodyBroken(Throwable fault) {
            if (!over && !answered && request.isEnded()) {
                failed(fault);
            }
        }

        private void answer(HttpClientResponse from, List<SocketAddress> others) {
            if (over) {
                from.request().reset();
                return;
            }
            boolean elsewhere = from.statusCode() == 404 && !hasBody && !others.isEmpty();
            if (elsewhere && FhePaths.isOfOnePod(String.valueOf(request.path()))) {
                from.end().onComplete(_ -> connect(others));
                from.resume();
                return;
            }
            answered = true;
            response.setStatusCode(from.statusCode());
            copyEndToEnd(from.headers(), response.headers());
            if (hasUnread()) {
                response.putHeader("Connection", "close");
            }
            boolean bodyless =
                    request.method().equals(HttpMethod.HEAD) || from.statusCode() == 204 || from.statusCode() == 304;
            if (!bodyless && !response.headers().contains("Content-Length")) {
                response.setChunked(true);
            }
            from.pipe().endOnFailure(false).to(response).onFailure(this::failed);
        }

        private void failed(Throwable fault) {
            if (over) {
                return;
            }
            LOG.warn(
                    "a pod of fhe-service broke off",
                    LogKey.REQUEST_ID.of(requestId),
                    LogKey.REASON.of(String.valueOf(fault.getMessage())));
            if (answered) {
                leave();
                response.reset();
            } else {
                refuse(
                        502,
                        "fhe_interrupted",
                        "The pod of encrypted compute broke off; whether the request was carried out is unknown");
            }
        }

        private void refuse(int status, String code, String message) {
            answered = true;
            response.setStatusCode(status)
                    .putHeader("Content-Type", "application/json")
                    .putHeader("X-Request-ID", requestId);
            if (status == 503) {
                response.putHeader("Retry-After", "1");
            }
            if (hasUnread()) {
                response.putHeader("Connection", "close");
            }
            JsonObject error = new JsonObject().put("code", code).put("message", message);
            response.end(new JsonObject().put("error", error).toBuffer());
        }

        private void clientGone() {
            HttpClientRequest to = upstream;
            if (!over && to != null) {
                to.reset();
            }
            leave();
        }

        private boolean hasUnread() {
            return hasBody && !request.isEnded();
        }

        private void finish() {
            if (!over && hasUnread()) {
                LingeringClose.of(request);
            }
            leave();
        }

        private void leave() {
            if (!over) {
                over = true;
                inProgress--;
            }
        }
    }
}
