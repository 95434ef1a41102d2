package io.latticegate.proxy.edge;

import io.latticegate.common.trace.Tracing;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.relay.ConversePath;
import io.latticegate.proxy.relay.Exchange;
import io.latticegate.proxy.relay.GeminiPath;
import io.latticegate.proxy.relay.ModelCatalog;
import io.latticegate.proxy.relay.Operation;
import io.latticegate.proxy.relay.Outcome;
import io.latticegate.proxy.relay.Passthrough;
import io.latticegate.proxy.relay.PassthroughRelay;
import io.latticegate.proxy.relay.ProviderApiRelay;
import io.latticegate.proxy.relay.RequestFacts;
import io.latticegate.proxy.relay.Rules;
import io.latticegate.proxy.relay.Settings;
import io.latticegate.proxy.relay.TokenRelay;
import io.latticegate.proxy.relay.WalletRelay;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where every request comes in. Checks the head, finds the surface among an allowlist of paths, takes the body within
 * its bounds of size and time, and hands over to the walk. Confined to one event loop.
 */
public final class Edge implements Handler<HttpServerRequest> {
    private static final int PATH_AUDITED_MAX = 512;

    /** As agentary-js-sdk's cloud variant calls it. */
    private static final String CHAT_ALIAS = "/v1/llm/chat/completions";

    private static final String MESSAGES = "/messages";

    private static final String USAGE = "/api/usage/";
    private static final List<String> WALLET_PATHS = List.of("/api/llm/", "/api/vault/", "/api/relay/", USAGE);

    private final Map<String, Map<HttpMethod, Route>> routes = new HashMap<>();
    private final Set<Exchange> active = new LinkedHashSet<>();
    private final Set<Exchange> uploading = new HashSet<>();
    private final Settings settings;
    private final Exchange.Collaborators collaborators;
    private final RequestIds requestIds;
    private final EdgeMetrics metrics;
    private final RequestTracing tracing;
    private final Flows flows;
    private final Supplier<Rules> rules;
    private final Elsewhere elsewhere;
    private boolean draining;

    /** How a request's body is taken; {@code STREAMED}: not here, the request is still paused when its flow begins. */
    private enum Body {
        NONE,
        WHOLE,
        FILES,
        STREAMED
    }

    /** What happens with a request on a path, given as a template; the flow is given a body that was taken. */
    private record Route(Surface surface, String template, Body body, BiConsumer<Exchange, byte[]> flow) {
        Route(Surface surface, String template, boolean hasBody, BiConsumer<Exchange, byte[]> flow) {
            this(surface, template, hasBody ? Body.WHOLE : Body.NONE, flow);
        }
    }

    /** Who handles the requests of each kind of surface. */
    public record Flows(
            TokenRelay tokens,
            WalletRelay wallets,
            PassthroughRelay passthrough,
            ModelCatalog models,
            ProviderApiRelay providerApis) {}

    /**
     * @param rules under which a request begins now
     */
    public Edge(
            Settings settings,
            Exchange.Collaborators collaborators,
            RequestIds requestIds,
            EdgeMetrics metrics,
            Tracing tracing,
            Flows flows,
            Supplier<Rules> rules,
            Elsewhere elsewhere) {
        this.settings = settings;
        this.requestIds = requestIds;
        this.metrics = metrics;
        this.tracing = new RequestTracing(tracing);
        this.flows = flows;
        this.rules = rules;
        this.elsewhere = elsewhere;
        this.collaborators =
                new Exchange.Collaborators(collaborators.audit(), collaborators.requests(), this::finished);
        routeOperations(flows.tokens());
        routeWallets(flows.wallets());
    }

    private void routeOperations(TokenRelay tokens) {
        for (Operation operation : Operation.values()) {
            if (operation == Operation.AGENTARY) {
                continue;
            }
            route(
                    operation.method(),
                    operation.path(),
                    new Route(
                            operation.surface(),
                            operation.path(),
                            operation.method().equals(HttpMethod.POST),
                            (exchange, body) -> tokens.handle(exchange, operation, body)));
        }
        route(
                HttpMethod.POST,
                CHAT_ALIAS,
                new Route(
                        Surface.OPENAI,
                        Operation.CHAT.path(),
                        true,
                        (exchange, body) -> tokens.handle(exchange, Operation.CHAT, body)));
    }

    private Route tokenStream(String provider) {
        return new Route(Surface.AGENTARY, Operation.AGENTARY.path(), true, (exchange, body) -> {
            exchange.pin(provider);
            flows.tokens().handle(exchange, Operation.AGENTARY, body);
        });
    }

    private void routeWallets(WalletRelay wallets) {
        wallets(HttpMethod.POST, WalletRelay.COMPLETION_PATH, true, wallets::complete);
        wallets(HttpMethod.POST, "/api/vault/store", true, wallets::store);
        wallets(HttpMethod.GET, "/api/relay/config", false, wallets::config);
    }

    private void wallets(HttpMethod method, String path, boolean hasBody, BiConsumer<Exchange, byte[]> flow) {
        route(method, path, new Route(Surface.RELAY, path, hasBody, flow));
    }

    @Override
    public void handle(HttpServerRequest request) {
        request.pause();
        Surface surface = surfaceOf(request);
        RequestFacts facts = factsOf(request, surface);
        Rules now = rules.get();
        Exchange exchange = new Exchange(request, facts, collaborators, now);
        Refusal fault = RequestHead.fault(request);
        if (fault != null) {
            begin(exchange);
            exchange.refuse(Outcome.FAILURE, fault);
            return;
        }
        if (!now.known() && surface != Surface.NONE) {
            begin(exchange);
            exchange.refuse(
                    Outcome.ERROR,
                    new Refusal(503, "service_unavailable", "This node does not know the rules in force", null),
                    null,
                    1_000);
            return;
        }
        Refusal notAllowed =
                surface == Surface.PASSTHROUGH ? flows.providerApis().refusal(request, now) : null;
        if (notAllowed != null) {
            begin(exchange);
            exchange.refuse(Outcome.DENIED, notAllowed);
            return;
        }
        Route route = find(request, now);
        if (route != null) {
            facts.route = route.template;
            tracing.begin(request, exchange);
        }
        if (route == null) {
            Cors cors = now.cors();
            List<String> methods = methodsOf(request.path(), now);
            if (methods.isEmpty() && surface == Surface.NONE && elsewhere.answer(request)) {
                return;
            }
            begin(exchange);
            if (!methods.isEmpty() && cors.isPreflight(request)) {
                cors.allow(request, methods);
                answerPreflight(exchange);
            } else if (!methods.isEmpty()) {
                String allowed = String.join(", ", methods);
                request.response().putHeader("Allow", allowed);
                exchange.refuse(
                        Outcome.DENIED, new Refusal(405, "method_not_allowed", "This path takes " + allowed, null));
            } else {
                exchange.refuse(
                        Outcome.DENIED, new Refusal(404, "endpoint_not_found", "There is no such endpoint", null));
            }
            return;
        }
        begin(exchange);
        if (draining || active.size() > settings.concurrentMax()) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(
                            503,
                            "service_unavailable",
                            draining ? "This node is shutting down" : "Too many requests in progress on this node",
                            null),
                    null,
                    1_000);
            return;
        }
        switch (route.body) {
            case STREAMED -> route.flow.accept(exchange, new byte[0]);
            case FILES -> takeUpload(exchange, route);
            case WHOLE ->
                new BodyReader(exchange, settings.bodyMax(), body -> route.flow.accept(exchange, body))
                        .read(settings.bodyTimeout());
            case NONE -> {
                request.resume();
                route.flow.accept(exchange, new byte[0]);
            }
        }
    }

    private void takeUpload(Exchange exchange, Route route) {
        Settings.Uploads bounds = settings.uploads();
        if (uploading.size() >= bounds.concurrentMax()) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(503, "service_unavailable", "Too many uploads in progress on this node", null),
                    null,
                    1_000);
            return;
        }
        uploading.add(exchange);
        new BodyReader(exchange, bounds.bodyMax(), body -> route.flow.accept(exchange, body))
                .read(bounds.bodyTimeout());
    }

    /** Ends what has passed its deadline; call every few tens of milliseconds. */
    public void sweep() {
        long now = System.nanoTime();
        for (Exchange exchange : active.toArray(Exchange[]::new)) {
            exchange.checkDeadline(now);
        }
    }

    /** Refuses new requests from now on. */
    public void drain() {
        draining = true;
    }

    /** Requests in progress. */
    public int inProgress() {
        return active.size();
    }

    /** Breaks off what is still in progress when the drain limit has passed. */
    public void abandon() {
        for (Exchange exchange : active.toArray(Exchange[]::new)) {
            exchange.refuse(
                    Outcome.ERROR,
                    new Refusal(503, "service_unavailable", "This node was shut down", null),
                    null,
                    1_000);
        }
    }

    private static void answerPreflight(Exchange exchange) {
        exchange.request().resume();
        exchange.facts().status = 204;
        exchange.finish(Outcome.SUCCESS, null, null, 0);
        exchange.response()
                .setStatusCode(204)
                .putHeader("X-Request-ID", exchange.facts().requestId)
                .end();
    }

    private void begin(Exchange exchange) {
        active.add(exchange);
        exchange.rules().enter();
        exchange.rules().cors().mark(exchange.request());
        HttpServerResponse response = exchange.response();
        response.closeHandler(closed -> exchange.clientGone());
        response.exceptionHandler(broken -> exchange.clientGone());
    }

    private void finished(Exchange exchange) {
        active.remove(exchange);
        uploading.remove(exchange);
        tracing.end(exchange, metrics);
        RequestLog.ended(exchange.facts(), exchange.span().traceId());
        exchange.rules().leave();
    }

    private void route(HttpMethod method, String path, Route route) {
        routes.computeIfAbsent(path, unused -> new HashMap<>()).put(method, route);
    }

    private @Nullable Route find(HttpServerRequest request, Rules now) {
        String path = request.path();
        if (path == null) {
            return null;
        }
        Map<HttpMethod, Route> methods = methodsAt(path);
        if (methods != null) {
            return methods.get(request.method());
        }
        Passthrough call = Passthrough.of(request.method(), path);
        if (call != null) {
            return new Route(
                    call.surface(),
                    call.path(),
                    call.body() == Passthrough.Body.MULTIPART
                                    && request.method().equals(HttpMethod.POST)
                            ? Body.FILES
                            : request.method().equals(HttpMethod.POST) ? Body.WHOLE : Body.NONE,
                    (exchange, body) -> flows.passthrough().handle(exchange, call, body));
        }
        if (ModelCatalog.owns(path) && request.method().equals(HttpMethod.GET)) {
            return new Route(Surface.OPENAI, ModelCatalog.template(path), false, flows.models()::handle);
        }
        if (path.startsWith(ProviderApiRelay.PREFIX)) {
            return flows.providerApis().judgesBody(path, now)
                    ? new Route(Surface.PASSTHROUGH, ProviderApiRelay.TEMPLATE, true, flows.providerApis()::handle)
                    : new Route(
                            Surface.PASSTHROUGH,
                            ProviderApiRelay.TEMPLATE,
                            Body.STREAMED,
                            (exchange, none) -> flows.providerApis().stream(exchange));
        }
        String streaming = tokenStreamProvider(path, now);
        if (streaming != null) {
            return request.method().equals(HttpMethod.POST) ? tokenStream(streaming) : null;
        }
        String provider = under(path, "/api/vault/");
        if (provider != null && request.method().equals(HttpMethod.DELETE)) {
            return new Route(
                    Surface.RELAY,
                    "/api/vault/{provider}",
                    true,
                    (exchange, body) -> flows.wallets().delete(exchange, provider, body));
        }
        String wallet = under(path, "/api/relay/nonce/");
        if (wallet != null && request.method().equals(HttpMethod.GET)) {
            return new Route(
                    Surface.RELAY,
                    "/api/relay/nonce/{wallet}",
                    false,
                    (exchange, body) -> flows.wallets().nonce(exchange, wallet));
        }
        String asked = under(path, USAGE);
        if (asked != null && request.method().equals(HttpMethod.GET)) {
            return new Route(
                    Surface.RELAY,
                    USAGE + "{wallet}",
                    false,
                    (exchange, body) -> flows.wallets().usage(exchange, asked));
        }
        return null;
    }

    private List<String> methodsOf(@Nullable String path, Rules now) {
        if (path == null) {
            return List.of();
        }
        Map<HttpMethod, Route> fixed = methodsAt(path);
        if (fixed != null) {
            return fixed.keySet().stream().map(HttpMethod::name).toList();
        }
        if (ModelCatalog.owns(path) || under(path, "/api/relay/nonce/") != null || under(path, USAGE) != null) {
            return List.of(HttpMethod.GET.name());
        }
        if (tokenStreamProvider(path, now) != null) {
            return List.of(HttpMethod.POST.name());
        }
        if (under(path, "/api/vault/") != null) {
            return List.of(HttpMethod.DELETE.name());
        }
        return Passthrough.methods(path).stream().map(HttpMethod::name).toList();
    }

    /** What is registered for a path; a path that names a model stands under its operation's. */
    private @Nullable Map<HttpMethod, Route> methodsAt(String path) {
        GeminiPath gemini = GeminiPath.of(path);
        if (gemini != null) {
            return routes.get(gemini.operation().path());
        }
        ConversePath converse = ConversePath.of(path);
        return routes.get(converse == null ? path : converse.operation().path());
    }

    /** The provider of {@code /api/<provider>} and {@code /api/<provider>/messages}, or null. */
    private static @Nullable String tokenStreamProvider(String path, Rules now) {
        String whole = path.endsWith(MESSAGES) ? path.substring(0, path.length() - MESSAGES.length()) : path;
        String provider = under(whole, "/api/");
        return provider != null && now.streamsTokensOf(provider) ? provider : null;
    }

    private static @Nullable String under(String path, String prefix) {
        boolean one =
                path.startsWith(prefix) && path.length() > prefix.length() && path.indexOf('/', prefix.length()) < 0;
        return one ? path.substring(prefix.length()) : null;
    }

    private Surface surfaceOf(HttpServerRequest request) {
        String path = request.path();
        if (path == null || elsewhere.owns(path)) {
            return Surface.NONE;
        }
        if (ModelCatalog.owns(path) && request.headers().contains("anthropic-version")) {
            return Surface.ANTHROPIC;
        }
        if (path.equals("/v1/messages") || path.startsWith("/v1/messages/")) {
            return Surface.ANTHROPIC;
        }
        if (path.startsWith("/v1beta/") || GeminiPath.of(path) != null) {
            return Surface.GEMINI;
        }
        if (path.startsWith(ConversePath.PREFIX)) {
            return Surface.BEDROCK;
        }
        if (path.startsWith("/v2/")) {
            return Surface.COHERE;
        }
        if (path.startsWith("/v1/") && !path.startsWith("/v1/fhe") && !path.startsWith("/v1/health")) {
            return Surface.OPENAI;
        }
        if (path.startsWith(ProviderApiRelay.PREFIX)) {
            return Surface.PASSTHROUGH;
        }
        if (!path.startsWith("/api/")) {
            return Surface.NONE;
        }
        return WALLET_PATHS.stream().anyMatch(path::startsWith) ? Surface.RELAY : Surface.AGENTARY;
    }

    private RequestFacts factsOf(HttpServerRequest request, Surface surface) {
        String path = request.path() == null ? "" : request.path();
        Instant now = Instant.now();
        RequestFacts facts = new RequestFacts(
                requestIds.next(),
                surface,
                request.method().name().toUpperCase(Locale.ROOT),
                path.length() <= PATH_AUDITED_MAX ? path : path.substring(0, PATH_AUDITED_MAX),
                request.remoteAddress() == null
                        ? ""
                        : String.valueOf(request.remoteAddress().hostAddress()),
                request.getHeader("User-Agent"),
                System.nanoTime(),
                now.getEpochSecond() * 1_000_000L + now.getNano() / 1_000);
        facts.correlationId = RequestIds.acceptable(request.getHeader("X-Correlation-ID"));
        return facts;
    }
}
