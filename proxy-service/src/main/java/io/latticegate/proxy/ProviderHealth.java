package io.latticegate.proxy;

import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ModelConfig;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.proxy.egress.PinnedAddress;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.routing.ProviderReach;
import io.latticegate.proxy.routing.RoutingState;
import io.latticegate.proxy.routing.TargetState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Checks now and then whether a connection to each provider can be made, with TLS where it has that, and tells what this
 * process knows of them. A check sends no request and no key. Providers that no model names are left alone until a request
 * has gone to them.
 */
final class ProviderHealth {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Vertx vertx;
    private final RoutingState state;
    private final InstantSource clock;
    private final AtomicReference<Watch> watch =
            new AtomicReference<>(new Watch(Set.of(), List.of(), Duration.ZERO, -1));

    private record Checked(ProviderConfig config, NetClient client, PinnedAddress address, String host, int port) {
        String name() {
            return config.name();
        }
    }

    /**
     * What is checked.
     *
     * @param named providers that a model names
     * @param timer of the checks; negative: there are none
     */
    private record Watch(Set<String> named, List<Checked> providers, Duration interval, long timer) {}

    ProviderHealth(Vertx vertx, RoutingState state, InstantSource clock) {
        this.vertx = vertx;
        this.state = state;
        this.clock = clock;
    }

    /** Checks the providers of {@code config} from now on, as often as it says; one at a time. */
    void apply(LatticegateConfig config) {
        Watch former = watch.get();
        Set<String> named = new HashSet<>();
        for (ModelConfig model : config.models().values()) {
            model.targets().forEach(target -> named.add(target.provider()));
        }
        List<Checked> providers = new ArrayList<>();
        for (ProviderConfig provider : config.providers().values()) {
            if (provider.enabled() && provider.kind() != ProviderConfig.Kind.ECHO) {
                providers.add(former.providers.stream()
                        .filter(kept -> kept.config.equals(provider))
                        .findFirst()
                        .orElseGet(() ->
                                checked(provider, config.server().timeouts().connect())));
            }
        }
        Duration interval = config.routing().healthCheckInterval();
        long timer = former.timer;
        if (!interval.equals(former.interval)) {
            vertx.cancelTimer(timer);
            timer = interval.isZero() ? -1 : vertx.setPeriodic(interval.toMillis(), due -> check());
        }
        watch.set(new Watch(named, providers, interval, timer));
        former.providers.stream().filter(gone -> !providers.contains(gone)).forEach(gone -> gone.client.close());
    }

    private Checked checked(ProviderConfig provider, Duration connectTimeout) {
        URI url = provider.baseUrl();
        boolean tls = "https".equalsIgnoreCase(url.getScheme());
        String host = url.getHost() == null ? "" : url.getHost();
        NetClientOptions options = new NetClientOptions()
                .setConnectTimeout(Math.toIntExact(connectTimeout.toMillis()))
                .setSsl(tls)
                .setHostnameVerificationAlgorithm("HTTPS");
        return new Checked(
                provider,
                vertx.createNetClient(options),
                Provider.pinned(vertx, host, provider.scope()),
                host,
                url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80);
    }

    private void check() {
        Watch now = watch.get();
        for (Checked provider : now.providers) {
            if (now.named.contains(provider.name())
                    || !state.states().ofProvider(provider.name()).isEmpty()) {
                check(provider);
            }
        }
    }

    private void check(Checked provider) {
        long begun = state.nowNanos();
        connect(provider).onComplete(connected -> {
            long now = state.nowNanos();
            if (connected.succeeded()) {
                NetSocket socket = connected.result();
                socket.close();
                state.checked(
                        provider.name(),
                        new ProviderReach(ProviderReach.Result.REACHED, now, Math.max(1, now - begun)));
            } else {
                state.checked(provider.name(), new ProviderReach(ProviderReach.Result.UNREACHABLE, now, 0));
            }
        });
    }

    /** To an address that was checked, as requests go; the name stays in SNI and in the check of the certificate. */
    private static Future<NetSocket> connect(Checked provider) {
        return provider.address
                .current()
                .compose(checked -> provider.client
                        .connect(
                                SocketAddress.inetSocketAddress(new InetSocketAddress(checked, provider.port)),
                                provider.host)
                        .onFailure(refused -> provider.address.unreachable(checked)));
    }

    /** The answer of {@code GET /health/providers} to those who may not know more. */
    JsonObject summary() {
        JsonObject whole = report();
        whole.remove("providers");
        return whole;
    }

    /** The answer of {@code GET /health/providers} to an administrator; names no key and no model. */
    JsonObject report() {
        long now = state.nowNanos();
        JsonObject each = new JsonObject();
        boolean good = true;
        for (Checked provider : watch.get().providers) {
            JsonObject one = report(provider.name(), now);
            good &= Set.of("ok", "unknown").contains(one.getString("status"));
            each.put(provider.name(), one);
        }
        return new JsonObject()
                .put("status", good ? "ok" : "degraded")
                .put("timestamp", clock.instant().toString())
                .put("providers", each);
    }

    /** Every provider as this process sees it. */
    List<OpsApi.ProviderState> states() {
        long now = state.nowNanos();
        return watch.get().providers.stream()
                .map(provider -> state(provider.name(), now))
                .toList();
    }

    private OpsApi.ProviderState state(String provider, long now) {
        List<TargetState> targets = state.states().ofProvider(provider);
        Map<TargetState.Position, Integer> positions = new EnumMap<>(TargetState.Position.class);
        int resting = 0;
        int inFlight = 0;
        int observed = 0;
        double uses = 0;
        double failures = 0;
        double latencies = 0;
        for (TargetState target : targets) {
            positions.merge(target.position(now), 1, Integer::sum);
            resting += target.available(now) ? 0 : 1;
            inFlight += target.inFlight();
            uses += target.recentUses(now);
            failures += target.failureShare(now) * target.recentUses(now);
            double latency = target.latencyNanos(now);
            observed += latency > 0 ? 1 : 0;
            latencies += latency;
        }
        ProviderReach reach = state.reach(provider);
        int closed = positions.getOrDefault(TargetState.Position.CLOSED, 0);
        int open = positions.getOrDefault(TargetState.Position.OPEN, 0);
        return new OpsApi.ProviderState(
                provider,
                status(reach, targets.size(), closed, open, resting),
                closed,
                open,
                positions.getOrDefault(TargetState.Position.HALF_OPEN, 0),
                resting,
                inFlight,
                uses > 0 ? Math.min(1, failures / uses) : 0,
                observed > 0 ? Math.round(latencies / observed / NANOS_PER_MILLI) : null,
                reach.result() == ProviderReach.Result.REACHED
                        ? TimeUnit.NANOSECONDS.toMillis(reach.latencyNanos())
                        : null,
                reach.result() == ProviderReach.Result.UNCHECKED
                        ? null
                        : clock.instant()
                                .minusNanos(Math.max(0, now - reach.atNanos()))
                                .toEpochMilli());
    }

    private static OpsApi.ProviderStatus status(ProviderReach reach, int targets, int closed, int open, int resting) {
        if (reach.result() == ProviderReach.Result.UNREACHABLE || (targets > 0 && open == targets)) {
            return OpsApi.ProviderStatus.DOWN;
        }
        if (resting > 0 || closed < targets) {
            return OpsApi.ProviderStatus.DEGRADED;
        }
        return targets > 0 || reach.result() == ProviderReach.Result.REACHED
                ? OpsApi.ProviderStatus.HEALTHY
                : OpsApi.ProviderStatus.UNKNOWN;
    }

    /** How many models have a breaker that is not closed, by provider. */
    Map<String, Integer> openBreakers() {
        long now = state.nowNanos();
        Map<String, Integer> open = new TreeMap<>();
        for (Checked provider : watch.get().providers) {
            int count = Math.toIntExact(state.states().ofProvider(provider.name()).stream()
                    .filter(target -> target.position(now) != TargetState.Position.CLOSED)
                    .count());
            if (count > 0) {
                open.put(provider.name(), count);
            }
        }
        return open;
    }

    private JsonObject report(String provider, long now) {
        Map<TargetState.Position, Integer> positions = new EnumMap<>(TargetState.Position.class);
        int resting = 0;
        int inFlight = 0;
        List<TargetState> targets = state.states().ofProvider(provider);
        for (TargetState target : targets) {
            positions.merge(target.position(now), 1, Integer::sum);
            resting += target.available(now) ? 0 : 1;
            inFlight += target.inFlight();
        }
        JsonObject breakers = new JsonObject();
        for (TargetState.Position position : TargetState.Position.values()) {
            breakers.put(position.name().toLowerCase(Locale.ROOT), positions.getOrDefault(position, 0));
        }
        ProviderReach reach = state.reach(provider);
        boolean closed = positions.getOrDefault(TargetState.Position.CLOSED, 0) == targets.size();
        boolean checked = reach.result() != ProviderReach.Result.UNCHECKED;
        return new JsonObject()
                .put(
                        "status",
                        reach.result() == ProviderReach.Result.UNREACHABLE
                                ? "unreachable"
                                : resting > 0 || !closed
                                        ? "degraded"
                                        : checked || !targets.isEmpty() ? "ok" : "unknown")
                .put("breakers", breakers)
                .put("resting", resting)
                .put("in_flight", inFlight)
                .put(
                        "last_check",
                        checked
                                ? clock.instant()
                                        .minusNanos(Math.max(0, now - reach.atNanos()))
                                        .toString()
                                : null)
                .put(
                        "connect_ms",
                        reach.result() == ProviderReach.Result.REACHED
                                ? TimeUnit.NANOSECONDS.toMillis(reach.latencyNanos())
                                : null);
    }
}
