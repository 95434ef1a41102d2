package io.latticegate.common.service;

import io.latticegate.common.config.ManagementConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The management port: health, metrics, and what a service adds. Health is also answered on the data port, through
 * {@link #answerHealth}.
 *
 * <p>{@code /health}: 200 {@code {"status","timestamp","version"}} while the process runs. {@code /ready}, {@code
 * /health/ready}: 200 or 503 with the findings. {@code /live}, {@code /health/live}: 200 while the event loop turns.
 */
public final class ManagementServer {
    private static final Set<String> HEALTH_PATHS = Set.of(
            "/health",
            "/ready",
            "/live",
            "/health/ready",
            "/health/live",
            "/v1/health",
            "/v1/health/ready",
            "/v1/health/live");
    private static final String BEARER = "Bearer ";

    private final Vertx vertx;
    private final ManagementConfig config;
    private final Health health;
    private final InstantSource clock;
    private final Router router;
    private volatile boolean onDataPort;

    public ManagementServer(
            Vertx vertx, ManagementConfig config, Health health, PrometheusMeterRegistry metrics, InstantSource clock) {
        this.vertx = vertx;
        this.config = config;
        this.health = health;
        this.clock = clock;
        this.router = Router.router(vertx);
        router.get().handler(context -> {
            if (!answerHealth(context.request())) {
                context.next();
            }
        });
        if (config.metrics().enabled()) {
            MetricsPage page = new MetricsPage(metrics);
            for (String path : Set.of(config.metrics().path(), "/metrics/prometheus")) {
                router.get(path).handler(context -> page.answer(context.request()));
            }
        }
    }

    /** Where a service adds its routes, before {@link #listen}. */
    public Router router() {
        return router;
    }

    /** Lets the data port answer {@code /admin} and {@code /manage} too. */
    public void offerOnDataPort() {
        onDataPort = true;
    }

    /** Answers a paused request of the data port for health, or for what was offered; false: it is for something else. */
    public boolean answerOnDataPort(HttpServerRequest request) {
        if (answerHealth(request)) {
            request.resume();
            return true;
        }
        if (!onDataPort || !isManagement(request.path())) {
            return false;
        }
        router.handle(request);
        return true;
    }

    private static boolean isManagement(@Nullable String path) {
        return path != null
                && (path.equals("/admin")
                        || path.equals("/manage")
                        || path.startsWith("/admin/")
                        || path.startsWith("/manage/"));
    }

    /** Binds the port; completes with the port that was bound. */
    public Future<Integer> listen() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(
                        config.listen().host().isEmpty()
                                ? "0.0.0.0"
                                : config.listen().host())
                .setPort(config.listen().port())
                .setIdleTimeout(120)
                .setMaxInitialLineLength(8 * 1024)
                .setMaxHeaderSize(16 * 1024)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(true);
        return vertx.createHttpServer(options).requestHandler(router).listen().map(server -> server.actualPort());
    }

    /**
     * Whether {@code request} carries the management token, once and as a bearer token, so that it may be told details. False
     * where this process has no such token. Compared in constant time.
     */
    public boolean isAdministrator(HttpServerRequest request) {
        List<String> given = request.headers().getAll("Authorization");
        if (given.size() != 1 || !given.getFirst().startsWith(BEARER)) {
            return false;
        }
        byte[] token = given.getFirst().substring(BEARER.length()).getBytes(StandardCharsets.UTF_8);
        return config.managementToken()
                .find()
                .map(expected -> expected.expose(bytes -> MessageDigest.isEqual(bytes, token)))
                .orElse(false);
    }

    /** Answers a health path; false when {@code request} is for something else. */
    public boolean answerHealth(HttpServerRequest request) {
        String path = request.path();
        if (path == null || !HEALTH_PATHS.contains(path)) {
            return false;
        }
        switch (path) {
            case "/live" ->
                request.response().putHeader("Content-Type", "text/plain").end("alive");
            case "/ready" -> {
                boolean ready = health.ready();
                request.response()
                        .setStatusCode(ready ? 200 : 503)
                        .putHeader("Content-Type", "text/plain")
                        .end(ready ? "ready" : "not ready");
            }
            case "/health/ready", "/v1/health/ready" -> {
                boolean ready = health.ready();
                answer(request, ready ? 200 : 503, ready ? "ready" : "not ready");
            }
            default -> answer(request, 200, "ok");
        }
        return true;
    }

    private void answer(HttpServerRequest request, int status, String word) {
        JsonObject body = new JsonObject()
                .put("status", word)
                .put("timestamp", clock.instant().toString())
                .put("version", Version.CURRENT);
        if (status != 200) {
            JsonObject failing = new JsonObject();
            for (Map.Entry<String, Health.Finding> finding : health.findings().entrySet()) {
                if (!finding.getValue().healthy()) {
                    failing.put(finding.getKey(), finding.getValue().detail());
                }
            }
            body.put("failing", failing);
        }
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(body.encode());
    }
}
