package io.latticegate.proxy.relay;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.lease.LeaseTable;
import io.latticegate.common.lease.Reservation;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.agentary.AgentaryErrors;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.KeySource;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Walk A: a request with a project's token, from the checked head to the provider and back.
 *
 * <ol>
 *   <li>{@link #authenticate}: the bearer token is hashed; nothing token-shaped is ever forwarded;
 *   <li>{@link #reserve}: an upper estimate is set aside from the lease, or auth-service is asked for one;
 *   <li>{@link #begin}: the request is journalled before anyone outside sees it;
 *   <li>{@link Guards#examine}: where guard policies apply, the prompt is judged, and the answer will be;
 *   <li>{@link CachedAnswers#answer}: the project's own earlier answer, where it may be given again;
 *   <li>{@link #route}: the model decides which providers may be asked;
 *   <li>{@link Attempts}: one is chosen, the vault lends its key, {@link UpstreamCall} relays the answer; where one fails before
 *       the first byte, another may follow. {@link Exchange#finish} settles and journals the end.
 * </ol>
 */
public final class TokenRelay {
    static final long OUTPUT_TOKENS_ASSUMED = 16_384;

    private final LeaseTable leases;
    private final Attempts.Collaborators attempts;
    private final ProviderKeys keys;
    private final AuditTrail audit;
    private final LocalModels localModels;
    private final CachedAnswers cached;
    private final Guards guards;

    public TokenRelay(
            LeaseTable leases,
            Attempts.Collaborators attempts,
            ProviderKeys keys,
            LocalModels localModels,
            CachedAnswers cached,
            Guards guards) {
        this.leases = leases;
        this.attempts = attempts;
        this.keys = keys;
        this.audit = attempts.audit();
        this.localModels = localModels;
        this.cached = cached;
        this.guards = guards;
    }

    /** Handles a request whose head is checked and whose body has arrived. */
    public void handle(Exchange exchange, Operation operation, byte[] body) {
        GeminiPath gemini = GeminiPath.of(exchange.request().path());
        ConversePath converse = ConversePath.of(exchange.request().path());
        String query = exchange.request().query();
        Refusal queryFault =
                gemini != null ? GeminiQuery.fault(query) : converse != null ? ConversePath.queryFault(query) : null;
        if (queryFault != null) {
            exchange.refuse(Outcome.DENIED, queryFault);
            return;
        }
        TokenDigest token = authenticate(exchange);
        if (token == null) {
            return;
        }
        exchange.requestBytes(body.length);
        Refusal wishFault = Continuation.fault(exchange.request());
        if (wishFault != null) {
            exchange.refuse(Outcome.FAILURE, wishFault);
            return;
        }
        if (operation.method().equals(HttpMethod.GET)) {
            exchange.facts().model = gemini == null ? null : gemini.model();
            reserve(exchange, operation, token, null);
            return;
        }
        switch (scan(exchange.request().path(), operation, body)) {
            case RequestScan.Refused(Refusal refusal) -> exchange.refuse(Outcome.FAILURE, refusal);
            case RequestScan.Accepted scan -> {
                Refusal missing = scan.model() == null ? withoutModel(operation) : null;
                if (missing != null) {
                    exchange.refuse(Outcome.FAILURE, missing);
                    return;
                }
                exchange.facts().model = scan.model();
                exchange.facts().user = EndUser.of(scan.user());
                reserve(exchange, operation, token, scan);
            }
        }
    }

    /** Reads a body with the model that the path names, where it does. */
    private static RequestScan scan(@Nullable String path, Operation operation, byte[] body) {
        ConversePath converse = ConversePath.of(path);
        if (converse != null) {
            return RequestScan.withModelInPath(body, converse.model(), operation == Operation.CONVERSE_STREAM);
        }
        GeminiPath gemini = GeminiPath.of(path);
        return gemini == null || gemini.model() == null
                ? RequestScan.of(body)
                : RequestScan.withModelInPath(body, gemini.model(), operation == Operation.STREAM_GENERATE_CONTENT);
    }

    /** Why a request of the operation must name a model, or null where the provider may choose one. */
    private static @Nullable Refusal withoutModel(Operation operation) {
        return switch (operation) {
            case AGENTARY -> AgentaryErrors.MISSING_FIELDS;
            case RESPONSES, COHERE_CHAT, COHERE_EMBED, COHERE_RERANK -> Refusal.invalid("model", "model is required");
            default -> null;
        };
    }

    /** The digest of the token that the request carries, or null when it was refused for its credentials. */
    @Nullable
    TokenDigest authenticate(Exchange exchange) {
        TokenDigest token = tokenOf(exchange);
        Refusal fault = token == null ? null : keys.read(exchange);
        if (fault != null) {
            exchange.refuse(Outcome.DENIED, fault);
            return null;
        }
        return token;
    }

    private static @Nullable TokenDigest tokenOf(Exchange exchange) {
        MultiMap headers = exchange.request().headers();
        String authorization = headers.get("Authorization");
        String apiKey = headers.get("x-api-key");
        String googleKey = headers.get("x-goog-api-key");
        String bearer = authorization == null ? null : bearerOf(authorization);
        if (authorization != null && bearer == null) {
            exchange.refuse(
                    Outcome.DENIED, new Refusal(401, "invalid_token", "Authorization must read: Bearer <token>", null));
            return null;
        }
        String presented = bearer != null ? bearer : apiKey != null ? apiKey : googleKey;
        if (differs(apiKey, presented) || differs(googleKey, presented)) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(
                            400,
                            "ambiguous_credentials",
                            "Authorization, x-api-key and x-goog-api-key carry different credentials; send one",
                            null));
            return null;
        }
        if (presented == null) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(
                            401,
                            "missing_token",
                            "A token is required, as Authorization: Bearer <token>, x-api-key or x-goog-api-key",
                            null));
            return null;
        }
        if (!AccessToken.matches(presented)) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(401, "invalid_token", "The token is not one that this gateway issues", null));
            return null;
        }
        try (AccessToken token = AccessToken.of(presented)) {
            return token.digest();
        }
    }

    private static boolean differs(@Nullable String credential, @Nullable String presented) {
        return credential != null && !credential.equals(presented);
    }

    private void reserve(
            Exchange exchange, Operation operation, TokenDigest token, RequestScan.@Nullable Accepted scan) {
        admit(exchange, token, upperEstimate(exchange, operation, scan), () -> {
            String model = exchange.facts().model;
            if (!exchange.access().permitsModel(model)) {
                exchange.refuse(Outcome.DENIED, modelNotAllowed(operation, model));
                return;
            }
            if (scan == null || !guards.active()) {
                cached.answer(exchange, operation, scan, () -> route(exchange, operation, scan));
                return;
            }
            guards.examine(
                    exchange,
                    operation.protocol(),
                    scan,
                    body -> scan(exchange.request().path(), operation, body),
                    sent -> cached.answer(exchange, operation, sent, () -> route(exchange, operation, sent)));
        });
    }

    private static Refusal modelNotAllowed(Operation operation, @Nullable String model) {
        return switch (operation) {
            case AGENTARY -> AgentaryErrors.INVALID_MODEL;
            case GEMINI_MODELS ->
                new Refusal(
                        403,
                        "model_not_allowed",
                        "This project may use certain models only; GET /v1/models lists them",
                        null);
            default -> ProjectAccess.modelNotAllowed(model);
        };
    }

    /** Reserves, journals the beginning, and goes on; or refuses. */
    void admit(Exchange exchange, TokenDigest token, Allowance estimate, Runnable then) {
        exchange.step("lease");
        leases.reserve(token, estimate, new LeaseTable.Outcome() {
            @Override
            public void reserved(Reservation reservation) {
                if (exchange.finished()) {
                    reservation.settle(Allowance.NONE);
                    return;
                }
                exchange.stepOver();
                exchange.reserved(reservation);
                exchange.facts().actorKind = AuditActor.Kind.TOKEN;
                exchange.facts().actorId = reservation.tokenId();
                begin(exchange, then);
            }

            @Override
            public void refused(AuthApi.Refusal why, @Nullable String tokenId, @Nullable String projectId) {
                if (tokenId != null) {
                    exchange.facts().actorKind = AuditActor.Kind.TOKEN;
                    exchange.facts().actorId = tokenId;
                }
                exchange.facts().tokenId = tokenId;
                exchange.facts().projectId = projectId;
                exchange.refuse(Outcome.DENIED, refusalOf(why), null, retryAfterMillis(why));
            }

            @Override
            public void unavailable() {
                exchange.refuse(Outcome.ERROR, unavailableBecause("auth-service does not answer"), null, 1_000);
            }

            @Override
            public TraceSpan span() {
                return exchange.currentStep();
            }
        });
    }

    /**
     * An upper bound of what the request can consume: a token of a byte-level tokeniser has at least one byte, so the
     * body's length bounds the input; the output is bounded by the client's own limit where it sets one.
     */
    static Allowance upperEstimate(Rules rules, @Nullable ProviderKind protocol, RequestScan.@Nullable Accepted scan) {
        if (scan == null) {
            return new Allowance(1, 0, 0);
        }
        long input = scan.body().length;
        long output = outputTokensMax(scan);
        return new Allowance(1, input + output, upperCost(rules, protocol, scan.model(), input, output));
    }

    /** With room for the attempts that may go on with an answer: each reads at most what was asked and said, and says the rest. */
    private Allowance upperEstimate(Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan) {
        Allowance once = upperEstimate(exchange.rules(), operation.protocol(), scan);
        if (scan == null
                || !scan.stream()
                || !Continuation.wanted(
                        exchange.request(),
                        operation,
                        scan,
                        exchange.rules().routing().route(scan.model(), operation.protocol()))) {
            return once;
        }
        long times = 1 + Continuation.TIMES_MAX;
        return new Allowance(once.requests(), once.tokens() * times, once.microUsd() * times);
    }

    /** The cost at the dearest target that the request may go to. */
    private static long upperCost(
            Rules rules, @Nullable ProviderKind protocol, @Nullable String model, long input, long output) {
        Routing.Route route = rules.routing().route(model, protocol);
        long most = 0;
        if (route != null) {
            for (Routing.Target target : route.targets()) {
                String priced = target.pricedAs() == null ? model : target.pricedAs();
                most = Math.max(most, rules.prices().upperCostMicroUsd(priced, input, output));
            }
        }
        return most;
    }

    static long outputTokensMax(RequestScan.Accepted scan) {
        long perChoice = scan.maxOutputTokens() >= 0 ? scan.maxOutputTokens() : OUTPUT_TOKENS_ASSUMED;
        return perChoice * scan.choices();
    }

    private void route(Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan) {
        String model = exchange.facts().model;
        String pinned = exchange.pinnedProvider();
        Routing routing = exchange.access().routing();
        Routing.Route route = pinned == null ? routing.route(model, operation.protocol()) : routing.at(pinned, model);
        Routing.Target first = route == null ? null : route.first();
        if (route == null || first == null) {
            if (pinned == null) {
                refuseUnserved(exchange, operation.protocol(), model);
            } else {
                exchange.refuse(Outcome.FAILURE, AgentaryErrors.INVALID_MODEL);
            }
            return;
        }
        Provider provider = first.provider();
        exchange.facts().provider = provider.name();
        exchange.facts().family = route.name();
        exchange.step("route");
        if (provider.kind() == ProviderKind.ECHO) {
            localModels.answer(exchange, operation, scan);
            return;
        }
        if (scan == null && provider.kind() != operation.protocol()) {
            exchange.refuse(Outcome.FAILURE, Translation.unsupported(operation));
            return;
        }
        Continuation continuation = scan != null && Continuation.wanted(exchange.request(), operation, scan, route)
                ? Continuation.of(exchange, operation, scan)
                : null;
        switch (keys.choose(exchange, () -> ProviderKeys.providersOf(route))) {
            case ProviderKeys.Choice.Refused(Refusal unclear) -> exchange.refuse(Outcome.FAILURE, unclear);
            case ProviderKeys.Choice.Look(KeySource source) ->
                new Attempts(
                                attempts,
                                exchange,
                                new Attempts.Request(
                                        route,
                                        model == null ? operation.path() : model,
                                        source,
                                        () -> AccountReferences.in(operation, scan),
                                        continuation),
                                target -> CallPlan.of(exchange, operation, scan, target, continuation),
                                () -> exchange.refuse(Outcome.FAILURE, keys.missing(exchange, route.providers())))
                        .begin();
        }
    }

    /** The project that an admitted request belongs to. */
    static Owner projectOf(Exchange exchange) {
        String project = exchange.facts().projectId;
        return Owner.project(project == null ? "" : project);
    }

    /** Whose keys requests are put to providers with. */
    ProviderKeys keys() {
        return keys;
    }

    /** Lends the key for a provider, as chosen for it alone, to {@code use}, which releases it; or refuses. */
    void lend(Exchange exchange, ProviderKeys.Choice choice, Provider provider, Consumer<KeyLease> use) {
        switch (choice) {
            case ProviderKeys.Choice.Refused(Refusal unclear) -> exchange.refuse(Outcome.FAILURE, unclear);
            case ProviderKeys.Choice.Look(KeySource source) -> lend(exchange, source, provider, use);
        }
    }

    private void lend(Exchange exchange, KeySource source, Provider provider, Consumer<KeyLease> use) {
        source.find(provider.name(), new KeyLeases.Outcome() {
            @Override
            public void leased(KeyLease lease) {
                if (exchange.finished()) {
                    lease.release();
                    return;
                }
                exchange.facts().credentialSource = lease.source();
                exchange.facts().keyFingerprint = lease.fingerprint();
                use.accept(lease);
            }

            @Override
            public void none() {
                exchange.refuse(Outcome.FAILURE, keys.missing(exchange, provider.name()));
            }

            @Override
            public void unavailable(String reason) {
                exchange.refuse(Outcome.ERROR, unavailableBecause(reason), null, 1_000);
            }

            @Override
            public TraceSpan span() {
                return exchange.currentStep();
            }
        });
    }

    private void begin(Exchange exchange, Runnable then) {
        audit.begin(
                exchange.facts(),
                () -> {
                    if (!exchange.finished()) {
                        then.run();
                    }
                },
                () -> exchange.refuse(
                        Outcome.ERROR, unavailableBecause("the audit journal takes no entries"), null, 5_000));
    }

    /** Nothing that the project may use serves the model; it is told whether anything else would. */
    static void refuseUnserved(Exchange exchange, @Nullable ProviderKind protocol, @Nullable String model) {
        if (exchange.rules().routing().route(model, protocol) == null) {
            exchange.refuse(Outcome.FAILURE, unserved(model));
        } else {
            exchange.refuse(Outcome.DENIED, ProjectAccess.providerNotAllowed());
        }
    }

    static Refusal unserved(@Nullable String model) {
        return new Refusal(
                404, "model_not_found", "No configured provider serves this model", model == null ? null : "model");
    }

    private static @Nullable String bearerOf(String authorization) {
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? authorization.substring(7).trim()
                : null;
    }

    static Refusal refusalOf(AuthApi.Refusal why) {
        String code = why.name().toLowerCase(Locale.ROOT);
        return switch (why) {
            case TOKEN_NOT_FOUND -> new Refusal(401, code, "The token is unknown", null);
            case TOKEN_INACTIVE -> new Refusal(401, code, "The token was revoked", null);
            case TOKEN_EXPIRED -> new Refusal(401, code, "The token has expired", null);
            case PROJECT_INACTIVE -> new Refusal(403, code, "The token's project is inactive", null);
            case RATE_LIMIT_EXCEEDED -> new Refusal(429, code, "The token's limit is used up", null);
        };
    }

    /** What other nodes have on lease and do not use returns within a lease's life, which is at most a second. */
    private static long retryAfterMillis(AuthApi.Refusal why) {
        return why == AuthApi.Refusal.RATE_LIMIT_EXCEEDED ? 1_000 : 0;
    }

    static Refusal unavailableBecause(String reason) {
        return new Refusal(503, "service_unavailable", "The request was not sent: " + reason, null);
    }

    /** The provider's own failure as an error of ours. */
    static Refusal refusalOf(ProviderError error) {
        return new Refusal(error.surfaceStatus(), error.code(), error.message(), null);
    }
}
