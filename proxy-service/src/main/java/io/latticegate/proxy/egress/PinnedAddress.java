package io.latticegate.proxy.egress;

import io.latticegate.common.egress.EgressScope;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The address that an upstream's name stands for, checked once and then used as it is.
 *
 * <p>A name is resolved here and nowhere else: every address of the answer is judged by the {@link EgressScope}, one is
 * kept, and connections are opened to its bytes, so that a name server that answers differently a moment later changes
 * nothing (DNS rebinding). An answer with a single forbidden address is refused as a whole: no provider publishes one, and
 * which of them an attacker wants to be used is not for us to guess.
 *
 * <p>After {@link #FRESH} the name is asked for again while the old address stays in use; it stays for {@link #STALE} where
 * the name servers do not answer. An answer that moves a name to a forbidden address ends its use at once. Confined to one
 * event loop.
 */
public final class PinnedAddress {
    /** How long an address is used before its name is asked for again. */
    static final Duration FRESH = Duration.ofSeconds(30);

    /** How long an address is used while its name cannot be resolved. */
    static final Duration STALE = Duration.ofMinutes(10);

    /** Most addresses of one answer that are looked at; a longer answer is refused. */
    static final int ADDRESSES_MAX = 256;

    private static final Log LOG = Log.of(PinnedAddress.class);

    private final String host;
    private final EgressScope scope;
    private final Function<String, Future<List<InetAddress>>> resolver;
    private final LongSupplier nanoTime;
    private @Nullable InetAddress pinned;
    private @Nullable InetAddress avoided;
    private @Nullable Future<InetAddress> asking;
    private long resolvedAt;

    /**
     * @param host a name, or an address in its plain spelling
     * @param resolver gives every address of a name, on the event loop that this is confined to
     * @param nanoTime monotonic
     */
    public PinnedAddress(
            String host,
            EgressScope scope,
            Function<String, Future<List<InetAddress>>> resolver,
            LongSupplier nanoTime) {
        this.host = host;
        this.scope = scope;
        this.resolver = resolver;
        this.nanoTime = nanoTime;
    }

    /**
     * The checked address. Fails with {@link ForbiddenAddress}, or with the resolver's own failure, such as {@link
     * UnknownHostException}.
     */
    public Future<InetAddress> current() {
        InetAddress known = pinned;
        if (known == null) {
            return ask();
        }
        long age = nanoTime.getAsLong() - resolvedAt;
        if (age < FRESH.toNanos()) {
            return Future.succeededFuture(known);
        }
        Future<InetAddress> answer = ask();
        InetAddress kept = pinned;
        return kept == null || age >= STALE.toNanos() ? answer : Future.succeededFuture(kept);
    }

    /** Says that nothing answers at {@code address}: the next connection tries another one of the name. */
    public void unreachable(InetAddress address) {
        if (address.equals(pinned)) {
            pinned = null;
            avoided = address;
        }
    }

    private Future<InetAddress> ask() {
        Future<InetAddress> running = asking;
        if (running != null) {
            return running;
        }
        Future<InetAddress> answer = resolver.apply(host).map(this::checked);
        if (!answer.isComplete()) {
            asking = answer;
        }
        return answer.onComplete(end -> {
            asking = null;
            if (end.cause() instanceof ForbiddenAddress forbidden) {
                pinned = null;
                LOG.warn("The upstream is not connected to", LogKey.REASON.of(forbidden.getMessage()));
            }
        });
    }

    private InetAddress checked(List<InetAddress> addresses) {
        if (addresses.isEmpty() || addresses.size() > ADDRESSES_MAX) {
            throw new ForbiddenAddress(host + " has " + addresses.size() + " addresses");
        }
        for (InetAddress address : addresses) {
            String fault = scope.fault(address);
            if (fault != null) {
                throw new ForbiddenAddress(host + " leads to a forbidden address: " + fault);
            }
        }
        InetAddress kept = pinned;
        if (kept == null || !addresses.contains(kept)) {
            kept = withoutName(chosen(addresses));
        }
        pinned = kept;
        avoided = null;
        resolvedAt = nanoTime.getAsLong();
        return kept;
    }

    /** The bytes alone: an address that carries its name could be asked for again on the way to the socket. */
    private static InetAddress withoutName(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address has 4 or 16 bytes", impossible);
        }
    }

    private InetAddress chosen(List<InetAddress> addresses) {
        for (InetAddress address : addresses) {
            if (!address.equals(avoided)) {
                return address;
            }
        }
        return addresses.getFirst();
    }
}
