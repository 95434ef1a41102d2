package io.latticegate.proxy.relay;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.proxy.dialect.MultipartScan;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Relays the calls of {@link Passthrough} as {@link TokenRelay} relays generations: token, reservation, journal, key, one
 * attempt. Only the model's name is looked for in the body, and replaced where it is an alias; a call without one goes to
 * the first provider of its protocol.
 */
public final class PassthroughRelay {
    /**
     * What the files of one request may come to, in tokens: more than any image or 25 MiB of speech is billed as. Their
     * bytes say nothing about it.
     */
    private static final long MEDIA_TOKENS_ASSUMED = 65_536;

    private static final byte[] NO_BODY = {};
    private static final Allowance ONE_REQUEST = new Allowance(1, 0, 0);

    private final TokenRelay tokens;
    private final Settings settings;
    private final Guards guards;

    public PassthroughRelay(TokenRelay tokens, Settings settings, Guards guards) {
        this.guards = guards;
        this.tokens = tokens;
        this.settings = settings;
    }

    /** What a body says: refused, or a model's name with the way to put another in its place, and its worst case. */
    private sealed interface Reading {
        record Refused(Refusal refusal) implements Reading {}

        record Read(@Nullable String model, byte[] body, Function<String, byte[]> withModel, Allowance estimate)
                implements Reading {
            Buffer forProvider(@Nullable String upstreamModel) {
                return Buffer.buffer(upstreamModel == null ? body : withModel.apply(upstreamModel));
            }
        }
    }

    /** Handles a request whose head is checked and whose body has arrived. */
    public void handle(Exchange exchange, Passthrough call, byte[] body) {
        TokenDigest token = tokens.authenticate(exchange);
        if (token == null) {
            return;
        }
        switch (read(exchange, call, body)) {
            case Reading.Refused(Refusal refusal) -> exchange.refuse(Outcome.FAILURE, refusal);
            case Reading.Read read -> {
                exchange.facts().model = read.model();
                Allowance estimate = switch (call.metering()) {
                    case REQUEST, OWN_ACCOUNT -> ONE_REQUEST;
                    case TOKENS, STREAMED_TOKENS -> read.estimate();
                };
                if (estimate.tokens() > 0) {
                    exchange.requestBytes(Math.min(body.length, MEDIA_TOKENS_ASSUMED * 4));
                }
                tokens.admit(exchange, token, estimate, () -> guard(exchange, call, read));
            }
        }
    }

    private static Reading read(Exchange exchange, Passthrough call, byte[] body) {
        return switch (call.body()) {
            case NONE ->
                body.length == 0
                        ? new Reading.Read(null, NO_BODY, model -> NO_BODY, ONE_REQUEST)
                        : new Reading.Refused(Refusal.invalid(null, "This call takes no body"));
            case JSON ->
                switch (RequestScan.of(body)) {
                    case RequestScan.Refused(Refusal refusal) -> new Reading.Refused(refusal);
                    case RequestScan.Accepted scan ->
                        new Reading.Read(
                                scan.model(),
                                body,
                                scan::withModel,
                                TokenRelay.upperEstimate(exchange.rules(), call.protocol(), scan));
                };
            case MULTIPART ->
                switch (MultipartScan.of(exchange.request().getHeader("Content-Type"), body)) {
                    case MultipartScan.Refused(Refusal refusal) -> new Reading.Refused(refusal);
                    case MultipartScan.Accepted scan ->
                        new Reading.Read(
                                scan.model(), body, scan::withModel, mediaEstimate(exchange.rules(), scan.model()));
                };
        };
    }

    private static Allowance mediaEstimate(Rules rules, @Nullable String model) {
        long output = TokenRelay.OUTPUT_TOKENS_ASSUMED;
        return new Allowance(
                1,
                MEDIA_TOKENS_ASSUMED + output,
                rules.prices().upperCostMicroUsd(model, MEDIA_TOKENS_ASSUMED, output));
    }

    /** What can be read of a call is examined; where that is not all of it, a policy may let it pass or not. */
    private void guard(Exchange exchange, Passthrough call, Reading.Read read) {
        if (!guards.active()) {
            route(exchange, call, read);
        } else if (!call.isReadable()) {
            if (guards.passesOpaque(exchange, call.protocol(), read.model())) {
                route(exchange, call, read);
            }
        } else {
            switch (RequestScan.of(read.body())) {
                case RequestScan.Refused(Refusal refusal) -> exchange.refuse(Outcome.FAILURE, refusal);
                case RequestScan.Accepted scan ->
                    guards.examine(
                            exchange,
                            call.protocol(),
                            scan,
                            RequestScan::of,
                            sent -> route(
                                    exchange,
                                    call,
                                    new Reading.Read(sent.model(), sent.body(), sent::withModel, read.estimate())));
            }
        }
    }

    private void route(Exchange exchange, Passthrough call, Reading.Read read) {
        ProjectAccess access = exchange.access();
        boolean choosesModel = read.model() != null || call.method().equals(HttpMethod.POST);
        if (choosesModel && !access.permitsModel(read.model())) {
            exchange.refuse(Outcome.DENIED, ProjectAccess.modelNotAllowed(read.model()));
            return;
        }
        Routing.Route route = access.routing().route(read.model(), call.protocol());
        Routing.Target target = route == null ? null : route.first();
        if (route == null || target == null) {
            TokenRelay.refuseUnserved(exchange, call.protocol(), read.model());
            return;
        }
        Provider provider = target.provider();
        exchange.facts().provider = provider.name();
        exchange.facts().family = read.model() == null ? null : route.name();
        exchange.step("route");
        if (provider.kind() != call.protocol()) {
            exchange.refuse(
                    Outcome.FAILURE,
                    new Refusal(
                            400,
                            "unsupported_operation",
                            "The provider of this model does not offer " + call.path(),
                            "model"));
            return;
        }
        String model = target.upstreamModel() == null ? read.model() : target.upstreamModel();
        Refusal fault = provider.fault(call.path(), model);
        if (fault != null) {
            exchange.refuse(Outcome.FAILURE, fault);
            return;
        }
        boolean ownAccount = call.metering() == Passthrough.Metering.OWN_ACCOUNT;
        ProviderKeys.Choice keys = ownAccount
                ? tokens.keys().chooseOwnAccount(exchange, provider.name())
                : tokens.keys().choose(exchange, () -> Set.of(provider.name()));
        tokens.lend(exchange, keys, provider, key -> send(exchange, call, read, target, key));
    }

    private void send(Exchange exchange, Passthrough call, Reading.Read read, Routing.Target target, KeyLease key) {
        var request = exchange.request();
        RequestFacts facts = exchange.facts();
        UpstreamPlan plan = new UpstreamPlan(
                call.method(),
                target.provider()
                        .pathOf(
                                request.query() == null
                                        ? String.valueOf(request.path())
                                        : request.path() + "?" + request.query(),
                                target.upstreamModel() == null ? read.model() : target.upstreamModel()),
                read.forProvider(target.upstreamModel()),
                headers -> CallPlan.verbatimHeaders(request.headers(), headers, target.provider()),
                stream -> reply(call, stream, facts),
                true,
                answered -> {});
        new UpstreamCall(exchange, target.provider(), key, settings, plan).start();
    }

    private static ReplyPath reply(Passthrough call, boolean stream, RequestFacts facts) {
        return stream && call == Passthrough.RESPONSE
                ? new UnmeteredStream(VerbatimStream.ofResponses())
                : new PassthroughReply(call.metering(), stream, facts.surface, facts.requestId);
    }
}
