package io.latticegate.proxy.relay;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.lease.LeaseTable;
import io.latticegate.proxy.lease.Reservation;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Walk A: a request with a project's token, from the checked head to the provider and back.
 *
 * <ol>
 *   <li>{@link #authenticate}: the bearer token is hashed; nothing token-shaped is ever forwarded;
 *   <li>{@link #reserve}: an upper estimate is set aside from the lease, or auth-service is asked for one;
 *   <li>{@link #begin}: the request is journalled before anyone outside sees it;
 *   <li>{@link #route}: the model decides which providers may be asked;
 *   <li>{@link Attempts}: one is chosen, the vault lends its key, {@link UpstreamCall} relays the answer; where one fails before
 *       the first byte, another may follow. {@link Exchange#finish} settles and journals the end.
 * </ol>
 */
public final class TokenRelay {
    private static final Buffer NO_BODY = Buffer.buffer(new byte[0]);
    private static final Set<Operation> JSON_ANSWERS = EnumSet.of(
            Operation.CHAT, Operation.COMPLETIONS, Operation.EMBEDDINGS, Operation.MODELS, Operation.MESSAGES);
    private static final long OUTPUT_TOKENS_ASSUMED = 16_384;

    private final LeaseTable leases;
    private final Attempts.Collaborators attempts;
    private final Routing routing;
    private final AuditTrail audit;
    private final PriceList prices;
    private final LocalModels localModels;

    public TokenRelay(
            LeaseTable leases,
            Attempts.Collaborators attempts,
            Routing routing,
            PriceList prices,
            LocalModels localModels) {
        this.leases = leases;
        this.attempts = attempts;
        this.routing = routing;
        this.audit = attempts.audit();
        this.prices = prices;
        this.localModels = localModels;
    }

    /** Handles a request whose head is checked and whose body has arrived. */
    public void handle(Exchange exchange, Operation operation, byte[] body) {
        TokenDigest token = authenticate(exchange);
        if (token == null) {
            return;
        }
        exchange.requestBytes(body.length);
        if (operation.method().equals(HttpMethod.GET)) {
            reserve(exchange, operation, token, null);
            return;
        }
        switch (RequestScan.of(body)) {
            case RequestScan.Refused(Refusal refusal) -> exchange.refuse(Outcome.FAILURE, refusal);
            case RequestScan.Accepted scan -> {
                exchange.facts().model = scan.model();
                reserve(exchange, operation, token, scan);
            }
        }
    }

    private static @Nullable TokenDigest authenticate(Exchange exchange) {
        MultiMap headers = exchange.request().headers();
        String authorization = headers.get("Authorization");
        String apiKey = headers.get("x-api-key");
        String bearer = authorization == null ? null : bearerOf(authorization);
        if (authorization != null && bearer == null) {
            exchange.refuse(
                    Outcome.DENIED, new Refusal(401, "invalid_token", "Authorization must read: Bearer <token>", null));
            return null;
        }
        if (bearer != null && apiKey != null && !bearer.equals(apiKey)) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(
                            400,
                            "ambiguous_credentials",
                            "Authorization and x-api-key carry different credentials; send one",
                            null));
            return null;
        }
        String presented = bearer != null ? bearer : apiKey;
        if (presented == null) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(
                            401,
                            "missing_token",
                            "A token is required, as Authorization: Bearer <token> or x-api-key",
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

    private void reserve(
            Exchange exchange, Operation operation, TokenDigest token, RequestScan.@Nullable Accepted scan) {
        leases.reserve(token, upperEstimate(operation, scan), new LeaseTable.Outcome() {
            @Override
            public void reserved(Reservation reservation) {
                if (exchange.finished()) {
                    reservation.settle(Allowance.NONE);
                    return;
                }
                exchange.reserved(reservation);
                exchange.facts().actorKind = AuditActor.Kind.TOKEN;
                exchange.facts().actorId = reservation.tokenId();
                begin(exchange, () -> route(exchange, operation, scan));
            }

            @Override
            public void refused(AuthApi.Refusal why, @Nullable String tokenId, @Nullable String projectId) {
                if (tokenId != null) {
                    exchange.facts().actorKind = AuditActor.Kind.TOKEN;
                    exchange.facts().actorId = tokenId;
                }
                exchange.facts().tokenId = tokenId;
                exchange.facts().projectId = projectId;
                exchange.refuse(Outcome.DENIED, refusalOf(why));
            }

            @Override
            public void unavailable() {
                exchange.refuse(Outcome.ERROR, unavailableBecause("auth-service does not answer"), null, 1_000);
            }
        });
    }

    /**
     * An upper bound of what the request can consume: a token of a byte-level tokeniser has at least one byte, so the
     * body's length bounds the input; the output is bounded by the client's own limit where it sets one.
     */
    private Allowance upperEstimate(Operation operation, RequestScan.@Nullable Accepted scan) {
        if (scan == null) {
            return new Allowance(1, 0, 0);
        }
        long outputPerChoice = scan.maxOutputTokens() >= 0 ? scan.maxOutputTokens() : OUTPUT_TOKENS_ASSUMED;
        long input = scan.body().length;
        long output = outputPerChoice * scan.choices();
        return new Allowance(1, input + output, upperCost(operation, scan.model(), input, output));
    }

    /** The cost at the dearest target that the request may go to. */
    private long upperCost(Operation operation, @Nullable String model, long input, long output) {
        Routing.Route route = routing.route(model, operation.protocol());
        long most = 0;
        if (route != null) {
            for (Routing.Target target : route.targets()) {
                String priced = target.pricedAs() == null ? model : target.pricedAs();
                most = Math.max(most, prices.upperCostMicroUsd(priced, input, output));
            }
        }
        return most;
    }

    private void route(Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan) {
        String model = scan == null ? null : scan.model();
        ProviderKind protocol = operation.protocol();
        if (operation == Operation.MODELS && exchange.request().headers().contains("anthropic-version")) {
            protocol = ProviderKind.ANTHROPIC;
        }
        Routing.Route route = routing.route(model, protocol);
        Routing.Target first = route == null ? null : route.first();
        if (first == null && operation == Operation.MODELS) {
            first = localModels.target();
        }
        if (first == null) {
            exchange.refuse(
                    Outcome.FAILURE,
                    new Refusal(
                            404,
                            "model_not_found",
                            "No configured provider serves this model",
                            scan == null ? null : "model"));
            return;
        }
        Provider provider = first.provider();
        exchange.facts().provider = provider.name();
        if (route == null || provider.kind() == ProviderKind.ECHO) {
            localModels.answer(exchange, operation, scan);
            return;
        }
        List<Owner> owners = List.of(
                Owner.project(exchange.facts().projectId == null ? "" : exchange.facts().projectId), Owner.gateway());
        new Attempts(
                        attempts,
                        exchange,
                        route,
                        model == null ? operation.path() : model,
                        owners,
                        target -> plan(exchange, operation, scan, target),
                        () -> noKey(exchange, operation, scan, route))
                .begin();
    }

    private void noKey(
            Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan, Routing.Route route) {
        if (operation == Operation.MODELS && localModels.target() != null) {
            exchange.facts().provider = "echo";
            localModels.answer(exchange, operation, scan);
            return;
        }
        String providers = route.targets().stream()
                .map(target -> target.provider().name())
                .distinct()
                .collect(Collectors.joining(" or "));
        exchange.refuse(
                Outcome.FAILURE,
                new Refusal(403, "no_provider_key", "The project has no API key for " + providers, null));
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

    private static Translation plan(
            Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan, Routing.Target target) {
        return scan == null || target.provider().kind() == operation.protocol()
                ? new Translation.Planned(verbatim(exchange, operation, scan, target))
                : Translation.plan(exchange, operation, scan, target);
    }

    /** Client and provider speak the same protocol: the bytes pass, but for the model's alias and the usage option. */
    private static UpstreamCall.Plan verbatim(
            Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan, Routing.Target target) {
        boolean injectUsage = scan != null
                && scan.streamsWithoutUsage()
                && (operation == Operation.CHAT || operation == Operation.COMPLETIONS);
        Buffer body = scan == null ? NO_BODY : Buffer.buffer(scan.rewritten(target.upstreamModel(), injectUsage));
        var request = exchange.request();
        var facts = exchange.facts();
        return new UpstreamCall.Plan(
                operation.method(),
                request.query() == null ? operation.path() : operation.path() + "?" + request.query(),
                body,
                headers -> {
                    EndToEndHeaders.toProvider(request.headers(), headers);
                    if (target.provider().kind() == ProviderKind.ANTHROPIC && !headers.contains("anthropic-version")) {
                        headers.set(
                                "anthropic-version",
                                target.provider().settings().apiVersion());
                    }
                },
                stream ->
                        stream ? new VerbatimStream(facts.surface, facts.requestId, injectUsage) : new VerbatimReply(),
                true,
                answered -> {},
                JSON_ANSWERS.contains(operation));
    }

    private static @Nullable String bearerOf(String authorization) {
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? authorization.substring(7).trim()
                : null;
    }

    private static Refusal refusalOf(AuthApi.Refusal why) {
        String code = why.name().toLowerCase(Locale.ROOT);
        return switch (why) {
            case TOKEN_NOT_FOUND -> new Refusal(401, code, "The token is unknown", null);
            case TOKEN_INACTIVE -> new Refusal(401, code, "The token was revoked", null);
            case TOKEN_EXPIRED -> new Refusal(401, code, "The token has expired", null);
            case PROJECT_INACTIVE -> new Refusal(403, code, "The token's project is inactive", null);
            case RATE_LIMIT_EXCEEDED -> new Refusal(429, code, "The token's limit is used up", null);
        };
    }

    static Refusal unavailableBecause(String reason) {
        return new Refusal(503, "service_unavailable", "The request was not sent: " + reason, null);
    }

    /** The provider's own failure as an error of ours. */
    static Refusal refusalOf(ProviderError error) {
        return new Refusal(error.surfaceStatus(), error.code(), error.message(), null);
    }
}
