package io.latticegate.proxy;

import io.latticegate.common.config.ServerConfig;
import io.latticegate.common.contract.CacheApi;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.proxy.cache.ResponseCache;
import io.latticegate.proxy.guard.GuardPolicies;
import io.latticegate.proxy.routing.RoutingState;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The edge: one {@link EdgeVerticle} per core on the data port. */
public final class ProxyService implements Service {
    private static final int INSTANCES_MAX = 16;

    private final List<EdgeVerticle> edges = new CopyOnWriteArrayList<>();

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
        ResponseCache cache = new ResponseCache(context.config().cache(), context.clock());
        RoutingState routing = ProviderTable.state(context.config().routing());
        GuardPolicies guards = new GuardPolicies(context.config().security().guards());
        ProviderHealth providers = new ProviderHealth(context.vertx(), context.config(), routing, context.clock());
        context.management()
                .router()
                .get("/health/providers")
                .handler(request -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .end(providers.report().toBuffer()));
        providers.start();
        context.bus().listen(CacheApi.PURGE, purge -> {
            int deleted = cache.purge(kept -> purge.covers(kept.projectId(), kept.method(), kept.path()));
            context.bus().publish(CacheApi.PURGED, new CacheApi.Purged(purge.id(), deleted));
        });
        Future<Void> all = Future.succeededFuture();
        for (int i = 0; i < instances; i++) {
            EdgeVerticle edge = new EdgeVerticle(context, address, cache, routing, guards);
            edges.add(edge);
            all = all.compose(previous -> context.vertx().deployVerticle(edge)).mapEmpty();
        }
        return all.compose(deployed -> new FirstQuestions(context).asked());
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
        return Future.succeededFuture();
    }
}
