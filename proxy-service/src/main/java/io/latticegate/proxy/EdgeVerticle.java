package io.latticegate.proxy;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ServerConfig;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.wallet.SignedActions;
import io.latticegate.common.wallet.SignedBodyLimits;
import io.latticegate.common.wallet.SignedBodyReader;
import io.latticegate.common.wallet.WalletDomains;
import io.latticegate.proxy.edge.Edge;
import io.latticegate.proxy.edge.EdgeMetrics;
import io.latticegate.proxy.edge.RequestIds;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.LeaseTable;
import io.latticegate.proxy.provider.Routing;
import io.latticegate.proxy.relay.Exchange;
import io.latticegate.proxy.relay.JournalAuditTrail;
import io.latticegate.proxy.relay.LocalModels;
import io.latticegate.proxy.relay.PriceList;
import io.latticegate.proxy.relay.Settings;
import io.latticegate.proxy.relay.TokenRelay;
import io.latticegate.proxy.relay.WalletRelay;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Binds the data port on one event loop and wires the edge that runs there. */
final class EdgeVerticle extends VerticleBase {
    private static final long SWEEP_MILLIS = 25;
    private static final long KEY_EXPIRY_MILLIS = 1_000;
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

    private final ServiceContext service;
    private final CompletableFuture<Integer> boundPort = new CompletableFuture<>();
    private @Nullable Edge edge;
    private @Nullable LeaseTable leases;
    private @Nullable HttpServer server;

    EdgeVerticle(ServiceContext service) {
        this.service = service;
    }

    @Override
    public Future<?> start() {
        LatticegateConfig config = service.config();
        MeshBus bus = service.bus();
        String node = config.mesh().name() + "/proxy-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong());
        Settings settings = settings(config.server());
        LeaseTable leaseTable = new LeaseTable(bus, node, System::nanoTime, service.clock());
        KeyLeases keys = new KeyLeases(bus, System::nanoTime);
        Routing routing = ProviderTable.routing(vertx, config);
        PriceList prices = ProviderTable.prices(config);
        var audit = new JournalAuditTrail(
                service.journal(),
                Durability.valueOf(config.audit().durability().name()),
                context);
        LocalModels localModels = new LocalModels(vertx, routing);
        WalletDomains domains = new WalletDomains(
                config.relay().domain().name(),
                config.relay().domain().version(),
                config.relay().domain().chainIds(),
                config.relay().vaultDomain().name(),
                config.relay().vaultDomain().version());
        SignedBodyReader reader = new SignedBodyReader(
                new SignedActions(domains),
                new SignedBodyLimits(
                        settings.bodyMax(), SignedBodyLimits.defaults().maxTokensMax()));
        TokenRelay tokens = new TokenRelay(leaseTable, keys, routing, audit, settings, prices, localModels);
        WalletRelay wallets = new WalletRelay(
                bus,
                keys,
                routing,
                audit,
                settings,
                reader,
                domains,
                localModels,
                service.clock(),
                config.relay().vault().allowLegacyStore());
        Edge handler = new Edge(
                settings,
                new Exchange.Collaborators(audit, prices, finished -> {}),
                new RequestIds(new SecureRandom()),
                new EdgeMetrics(service.metrics()),
                tokens,
                wallets,
                service.management()::answerHealth);
        edge = handler;
        leases = leaseTable;
        bus.listen(AuthApi.REVOKED, leaseTable::revoke);
        bus.listen(VaultApi.CHANGED, keys::forget);
        vertx.setPeriodic(SWEEP_MILLIS, timer -> handler.sweep());
        vertx.setPeriodic(LeaseTable.FLUSH_MILLIS, timer -> leaseTable.flush());
        vertx.setPeriodic(KEY_EXPIRY_MILLIS, timer -> keys.expire());
        return vertx.createHttpServer(options(config.server()))
                .requestHandler(handler)
                .invalidRequestHandler(handler)
                .listen()
                .onSuccess(bound -> {
                    server = bound;
                    boundPort.complete(bound.actualPort());
                });
    }

    int port() {
        return boundPort.join();
    }

    Future<Void> drain() {
        return onOwnLoop(() -> {
                    if (edge != null) {
                        edge.drain();
                    }
                })
                .compose(nothing -> idle())
                .compose(nothing -> returnLeases());
    }

    @Override
    public Future<?> stop() {
        if (edge != null) {
            edge.abandon();
        }
        if (leases != null) {
            leases.dropAll();
            leases.flush();
        }
        return server == null ? Future.succeededFuture() : server.close();
    }

    private Future<Void> idle() {
        return waitFor(() -> edge == null || edge.inProgress() == 0);
    }

    private Future<Void> returnLeases() {
        LeaseTable table = leases;
        if (table == null) {
            return Future.succeededFuture();
        }
        return onOwnLoop(() -> {
                    table.dropAll();
                    table.flush();
                })
                .compose(nothing -> waitFor(() -> table.openLeases() == 0)
                        .timeout(2, TimeUnit.SECONDS)
                        .otherwiseEmpty());
    }

    private Future<Void> waitFor(BooleanSupplier condition) {
        var done = Promise.<Void>promise();
        onOwnLoop(() -> {
            if (condition.getAsBoolean()) {
                done.tryComplete();
            } else {
                vertx.setTimer(20, timer -> waitFor(condition).onComplete(done));
            }
        });
        return done.future();
    }

    private Future<Void> onOwnLoop(Runnable step) {
        var done = Promise.<Void>promise();
        context.runOnContext(nothing -> {
            step.run();
            done.complete();
        });
        return done.future();
    }

    private static Settings settings(ServerConfig server) {
        return new Settings(
                Math.toIntExact(server.maxRequestSizeBytes()),
                server.maxConcurrentRequests(),
                server.timeouts().firstToken(),
                server.timeouts().streamIdle(),
                BODY_TIMEOUT);
    }

    private static HttpServerOptions options(ServerConfig server) {
        return new HttpServerOptions()
                .setHost(server.host())
                .setPort(server.port())
                .setTcpNoDelay(true)
                .setMaxInitialLineLength(8 * 1024)
                .setMaxHeaderSize(32 * 1024)
                .setHandle100ContinueAutomatically(true)
                .setDecompressionSupported(false)
                .setCompressionSupported(false)
                .setAcceptBacklog(1_024);
    }
}
