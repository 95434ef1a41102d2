package io.latticegate.proxy.relay;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.LeaseTable;
import io.latticegate.proxy.lease.Reservation;
import io.latticegate.proxy.provider.AllowedCalls;
import io.latticegate.proxy.provider.Provider;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walk P: a call of a provider's own HTTP API at {@code /p/<provider>/<path>}, with a project's token. What the
 * configuration allows of it passes byte for byte in both directions; everything else is refused before the provider sees
 * anything. Counts as one request and no tokens.
 *
 * <ol>
 *   <li>{@link #refusal}: provider, path and method are allowed, or the body is not even read;
 *   <li>{@link #handle}: the token is checked, then required headers and limited parameters;
 *   <li>{@link #reserve}, {@link #begin}, {@link #findKey}: one request is set aside, journalled, and given a key;
 *   <li>{@link ProviderApiCall} relays the answer.
 * </ol>
 */
public final class ProviderApiRelay {
    /** Begins every path of this surface. */
    public static final String PREFIX = "/p/";

    private static final Allowance ONE_REQUEST = new Allowance(1, 0, 0);

    private final LeaseTable leases;
    private final KeyLeases keys;
    private final AuditTrail audit;
    private final Settings settings;
    private final Map<String, Upstream> upstreams;

    /** A provider with what clients may ask of it. */
    public record Upstream(Provider provider, AllowedCalls calls) {}

    private record Call(Upstream upstream, String path) {}

    /** @param upstreams by the provider's name */
    public ProviderApiRelay(
            LeaseTable leases, KeyLeases keys, AuditTrail audit, Settings settings, Map<String, Upstream> upstreams) {
        this.leases = leases;
        this.keys = keys;
        this.audit = audit;
        this.settings = settings;
        this.upstreams = Map.copyOf(upstreams);
    }

    /** Why a request with a checked path is not taken, or null. Of a provider's paths only the allowed ones exist. */
    public @Nullable Refusal refusal(HttpServerRequest request) {
        Call call = find(request.path());
        if (call == null) {
            return new Refusal(404, "endpoint_not_found", "There is no such endpoint", null);
        }
        AllowedCalls calls = call.upstream.calls();
        if (!calls.permitsMethod(request.method().name())) {
            request.response().putHeader("Allow", calls.methods());
            return new Refusal(405, "method_not_allowed", "This path takes " + calls.methods(), null);
        }
        return null;
    }

    /** Handles a request that {@link #refusal} has passed and whose body has arrived. */
    public void handle(Exchange exchange, byte[] body) {
        TokenDigest token = TokenRelay.authenticate(exchange);
        if (token == null) {
            return;
        }
        HttpServerRequest request = exchange.request();
        Call call = find(request.path());
        if (call == null) {
            throw new IllegalStateException("a path that is not allowed was let in");
        }
        Refusal fault = call.upstream.calls().fault(request.method().name(), request.headers(), request.params(), body);
        if (fault != null) {
            exchange.refuse(Outcome.FAILURE, fault);
            return;
        }
        reserve(exchange, token, () -> begin(exchange, () -> findKey(exchange, call, body)));
    }

    private @Nullable Call find(@Nullable String path) {
        int nameEnd = path == null ? -1 : path.indexOf('/', PREFIX.length());
        if (path == null || nameEnd < 0) {
            return null;
        }
        Upstream upstream = upstreams.get(path.substring(PREFIX.length(), nameEnd));
        String own = path.substring(nameEnd);
        return upstream != null && upstream.calls().permitsPath(own) ? new Call(upstream, own) : null;
    }

    private void reserve(Exchange exchange, TokenDigest token, Runnable then) {
        leases.reserve(token, ONE_REQUEST, new LeaseTable.Outcome() {
            @Override
            public void reserved(Reservation reservation) {
                if (exchange.finished()) {
                    reservation.settle(Allowance.NONE);
                    return;
                }
                exchange.reserved(reservation);
                exchange.facts().actorKind = AuditActor.Kind.TOKEN;
                exchange.facts().actorId = reservation.tokenId();
                then.run();
            }

            @Override
            public void refused(AuthApi.Refusal why, @Nullable String tokenId, @Nullable String projectId) {
                if (tokenId != null) {
                    exchange.facts().actorKind = AuditActor.Kind.TOKEN;
                    exchange.facts().actorId = tokenId;
                }
                exchange.facts().tokenId = tokenId;
                exchange.facts().projectId = projectId;
                exchange.refuse(Outcome.DENIED, TokenRelay.refusalOf(why));
            }

            @Override
            public void unavailable() {
                exchange.refuse(
                        Outcome.ERROR, TokenRelay.unavailableBecause("auth-service does not answer"), null, 1_000);
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
                        Outcome.ERROR,
                        TokenRelay.unavailableBecause("the audit journal takes no entries"),
                        null,
                        5_000));
    }

    private void findKey(Exchange exchange, Call call, byte[] body) {
        Provider provider = call.upstream.provider();
        RequestFacts facts = exchange.facts();
        facts.provider = provider.name();
        List<Owner> owners = List.of(Owner.project(facts.projectId == null ? "" : facts.projectId), Owner.gateway());
        keys.find(owners, provider.name(), new KeyLeases.Outcome() {
            @Override
            public void leased(KeyLease lease) {
                if (exchange.finished()) {
                    lease.release();
                    return;
                }
                facts.credentialSource = lease.source();
                facts.keyFingerprint = lease.fingerprint();
                new ProviderApiCall(exchange, provider, lease, settings).start(call.path, body);
            }

            @Override
            public void none() {
                exchange.refuse(
                        Outcome.FAILURE,
                        new Refusal(403, "no_provider_key", "The project has no API key for " + provider.name(), null));
            }

            @Override
            public void unavailable(String reason) {
                exchange.refuse(Outcome.ERROR, TokenRelay.unavailableBecause(reason), null, 1_000);
            }
        });
    }
}
