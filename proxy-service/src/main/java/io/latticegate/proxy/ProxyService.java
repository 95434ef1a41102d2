package io.latticegate.proxy;

import io.latticegate.common.config.CacheConfig;
import io.latticegate.common.config.FheConfig;
import io.latticegate.common.config.HostPort;
import io.latticegate.common.config.ServerConfig;
import io.latticegate.common.contract.CacheApi;
import io.latticegate.common.contract.ConditionApi;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.RollCall;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.proxy.edge.WalletLabel;
import io.latticegate.proxy.fhe.FhePods;
import io.latticegate.proxy.guard.GuardPolicies;
import io.latticegate.proxy.routing.RoutingState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The edge: one {@link EdgeVerticle} per core on the data port. */
public final class ProxyService implements Service {
    private static final int INSTANCES_MAX = 16;
    private static final long RESOLVE_MILLIS = 2_000;

    private final List<EdgeVerticle> edges = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable KeptAnswers> kept = new AtomicReference<>();
    private final ExecutorService resolver = Executors.newVirtualThreadPerTaskExecutor();

    @Override
    public ServiceRole role() {
        return ServiceRole.PROXY;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        int instances = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, INSTANCES_MAX);
        ServerConfig server = context.config().server();
        SocketAddress address = server.port() == 0
                ? SocketAddress.sharedRandomPort(1, server.host())
                : SocketAddress.inetSocketAddress(server.port(), server.host());
        RoutingState routing = ProviderTable.state(context.config().routing());
        Fingerprint clientKeys = Fingerprint.random(new SecureRandom());
        WalletLabel wallets = new WalletLabel(
                context.config().mesh().name(),
                context.config().management().metrics().wallets());
        SeedMetrics.register(context.metrics());
        GuardPolicies guards = new GuardPolicies(context.config().security().guards());
        ProviderHealth providers = new ProviderHealth(context.vertx(), routing, context.clock());
        context.management()
                .router()
                .get("/health/providers")
                .handler(request -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .putHeader("Cache-Control", "no-store")
                        .end((context.management().isAdministrator(request.request())
                                        ? providers.report()
                                        : providers.summary())
                                .toBuffer()));
        String node = context.journal().nodeId().toString();
        context.vertx()
                .setPeriodic(
                        ConditionApi.REPORT_MILLIS,
                        timer -> context.bus()
                                .publish(
                                        ConditionApi.BREAKERS,
                                        new ConditionApi.BreakerReport(node, providers.openBreakers())));
        FhePods pods = podsOf(context);
        return KeptAnswers.open(context).compose(cache -> {
            kept.set(cache);
            context.bus()
                    .listen(
                            CacheApi.PURGE,
                            purge -> cache.purge(purge)
                                    .onSuccess(deleted -> context.bus()
                                            .publish(CacheApi.PURGED, new CacheApi.Purged(purge.id(), deleted))));
            return deploy(
                    context,
                    instances,
                    routing,
                    providers,
                    () -> new EdgeVerticle(context, address, cache, routing, guards, clientKeys, wallets, pods));
        });
    }

    /** The pods of fhe-service, whose addresses are asked for again and again; null where there are none. */
    private @Nullable FhePods podsOf(ServiceContext context) {
        FheConfig fhe = context.config().fhe();
        List<HostPort> upstreams = context.config().mesh().clustered() ? fhe.upstreams() : fhe.upstreamsInOneProcess();
        if (!fhe.enabled() || upstreams.isEmpty()) {
            return null;
        }
        FhePods pods = new FhePods(upstreams);
        resolver.execute(pods::resolve);
        Background.every(context.vertx(), RESOLVE_MILLIS, resolver, "resolving fhe.upstreams", pods::resolve);
        return pods;
    }

    private Future<Void> deploy(
            ServiceContext context,
            int instances,
            RoutingState routing,
            ProviderHealth providers,
            Supplier<EdgeVerticle> create) {
        Future<Void> all = Future.succeededFuture();
        for (int i = 0; i < instances; i++) {
            EdgeVerticle edge = create.get();
            edges.add(edge);
            all = all.compose(previous -> context.vertx().deployVerticle(edge)).mapEmpty();
        }
        LiveRules rules = new LiveRules(edges, routing, providers, context.metrics());
        RulesFollower follower = new RulesFollower(context.vertx(), context.bus(), context.config(), rules::apply);
        RollCall.answer(
                context,
                ServiceRole.PROXY,
                () -> RollCall.Facts.of(new OpsApi.Edge(follower.version(), providers.states(), cached(context))));
        context.health().check("rules", follower::finding);
        Gauge.builder("gateway.rules.version", follower, RulesFollower::version)
                .description("Version of the rules in force on this node; 0: none, and nothing is served")
                .register(context.metrics());
        return all.compose(deployed ->
                        Future.all(new FirstQuestions(context).asked(), follower.start(FirstQuestions.LIMIT_MILLIS)))
                .mapEmpty();
    }

    private OpsApi.CacheState cached(ServiceContext context) {
        KeptAnswers answers = kept.get();
        CacheConfig config = context.config().cache();
        return new OpsApi.CacheState(
                config.active(),
                config.shared() ? "redis" : "memory",
                answers == null ? 0 : answers.exact().size(),
                answers == null ? 0 : answers.exact().bytes(),
                count(context, "gateway.cache.hits"),
                count(context, "gateway.cache.misses"));
    }

    private static long count(ServiceContext context, String counter) {
        return (long) context.metrics().find(counter).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** The data port that was bound. */
    public int port() {
        return edges.getFirst().port();
    }

    @Override
    public Future<Void> drain() {
        return Future.all(edges.stream().map(EdgeVerticle::drain).toList()).mapEmpty();
    }

    @Override
    public Future<Void> stop() {
        resolver.shutdown();
        KeptAnswers last = kept.getAndSet(null);
        if (last != null) {
            last.close();
        }
        return Future.succeededFuture();
    }
}
