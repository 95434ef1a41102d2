package io.latticegate.proxy.relay;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.provider.AllowedCalls;
import io.latticegate.proxy.provider.Provider;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Walk P: a call of a provider's own HTTP API at {@code /p/<provider>/<path>}, with a project's token. What the
 * configuration allows of it passes byte for byte in both directions; everything else is refused before the provider sees
 * anything. Counts as one request and no tokens.
 *
 * <ol>
 *   <li>{@link #refusal}: provider, path and method are allowed, or the body is not even read;
 *   <li>{@link #stream}: the token is checked, then required headers; the body is read only as fast as the provider takes it.
 *       Where limited parameters have to be found in it first, or a signature covers it, it comes whole, by {@link #handle};
 *   <li>{@link TokenRelay#admit}, {@link TokenRelay#lend}: token, lease, journal and key as for every request;
 *   <li>{@link ProviderApiCall} relays the answer.
 * </ol>
 */
public final class ProviderApiRelay {
    /** Begins every path of this surface. */
    public static final String PREFIX = "/p/";

    /** Stands for all of them in metrics and traces. */
    public static final String TEMPLATE = "/p/{provider}";

    private static final byte[] NOTHING = {};
    private static final Allowance ONE_REQUEST = new Allowance(1, 0, 0);

    private final TokenRelay tokens;
    private final Settings settings;
    private final Guards guards;

    /**
     * A provider with what clients may ask of it.
     *
     * @param bodyMax largest body that is streamed to it, in bytes
     */
    public record Upstream(Provider provider, AllowedCalls calls, long bodyMax) {}

    private record Call(Upstream upstream, String path) {}

    public ProviderApiRelay(TokenRelay tokens, Settings settings, Guards guards) {
        this.guards = guards;
        this.tokens = tokens;
        this.settings = settings;
    }

    /** Why a request with a checked path is not taken, or null. Of a provider's paths only the allowed ones exist. */
    public @Nullable Refusal refusal(HttpServerRequest request, Rules rules) {
        Call call = find(request.path(), rules);
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

    /** Whether the body of a request with an allowed path must arrive before anything of it is sent. */
    public boolean judgesBody(String path, Rules rules) {
        Call call = find(path, rules);
        return call != null
                && (call.upstream.calls().judgesBodies()
                        || call.upstream.provider().signsBodies());
    }

    /** Handles a request that {@link #refusal} has passed and whose body has arrived. */
    public void handle(Exchange exchange, byte[] body) {
        admit(exchange, body, (call, path) -> call.start(path, Buffer.buffer(body)));
    }

    /** Handles a request that {@link #refusal} has passed, that is paused, and of whose body nothing was read. */
    public void stream(Exchange exchange) {
        HttpServerRequest request = exchange.request();
        if (!RequestUpload.isAnnounced(request)) {
            request.resume();
            handle(exchange, NOTHING);
            return;
        }
        long bodyMax = allowed(exchange).upstream.bodyMax();
        if (RequestUpload.announcedBytes(request) > bodyMax) {
            exchange.refuse(Outcome.FAILURE, RequestUpload.tooLong(bodyMax));
            return;
        }
        admit(exchange, NOTHING, (call, path) -> call.start(path, new RequestUpload(request, bodyMax)));
    }

    private void admit(Exchange exchange, byte[] body, BiConsumer<ProviderApiCall, String> start) {
        TokenDigest token = tokens.authenticate(exchange);
        if (token == null) {
            return;
        }
        HttpServerRequest request = exchange.request();
        Call call = allowed(exchange);
        Refusal fault = call.upstream.calls().fault(request.method().name(), request.headers(), request.params(), body);
        if (fault != null) {
            exchange.refuse(Outcome.FAILURE, fault);
            return;
        }
        Provider provider = call.upstream.provider();
        exchange.facts().provider = provider.name();
        tokens.admit(exchange, token, ONE_REQUEST, () -> {
            if (!exchange.access().permitsProvider(provider.name())) {
                exchange.refuse(Outcome.DENIED, ProjectAccess.providerNotAllowed());
            } else if (guards.passesOpaque(exchange, null, null)) {
                exchange.step("route");
                tokens.lend(
                        exchange,
                        tokens.keys().choose(exchange, () -> Set.of(provider.name())),
                        provider,
                        key -> start.accept(new ProviderApiCall(exchange, provider, key, settings), call.path));
            }
        });
    }

    /** The call of a request that {@link #refusal} has passed. */
    private static Call allowed(Exchange exchange) {
        Call call = find(exchange.request().path(), exchange.rules());
        if (call == null) {
            throw new IllegalStateException("a path that is not allowed was let in");
        }
        return call;
    }

    private static @Nullable Call find(@Nullable String path, Rules rules) {
        int nameEnd = path == null ? -1 : path.indexOf('/', PREFIX.length());
        if (path == null || nameEnd < 0) {
            return null;
        }
        Upstream upstream = rules.upstream(path.substring(PREFIX.length(), nameEnd));
        String own = path.substring(nameEnd);
        return upstream != null && upstream.calls().permitsPath(own) ? new Call(upstream, own) : null;
    }
}
