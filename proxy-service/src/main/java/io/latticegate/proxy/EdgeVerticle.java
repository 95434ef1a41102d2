package io.latticegate.proxy;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ServerConfig;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.lease.LeaseTable;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.wallet.SignedActions;
import io.latticegate.common.wallet.SignedBodyLimits;
import io.latticegate.common.wallet.SignedBodyReader;
import io.latticegate.common.wallet.WalletDomains;
import io.latticegate.proxy.cache.AnswerStore;
import io.latticegate.proxy.edge.Edge;
import io.latticegate.proxy.edge.EdgeMetrics;
import io.latticegate.proxy.edge.Elsewhere;
import io.latticegate.proxy.edge.RequestIds;
import io.latticegate.proxy.edge.StrictRequestDecoder;
import io.latticegate.proxy.edge.WalletLabel;
import io.latticegate.proxy.fhe.FheForward;
import io.latticegate.proxy.fhe.FhePaths;
import io.latticegate.proxy.fhe.FhePods;
import io.latticegate.proxy.guard.GuardPolicies;
import io.latticegate.proxy.guard.webhook.GuardWebhook;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.relay.AttemptMetrics;
import io.latticegate.proxy.relay.Attempts;
import io.latticegate.proxy.relay.AuditTrail;
import io.latticegate.proxy.relay.CachedAnswers;
import io.latticegate.proxy.relay.Exchange;
import io.latticegate.proxy.relay.GuardMetrics;
import io.latticegate.proxy.relay.Guards;
import io.latticegate.proxy.relay.JournalAuditTrail;
import io.latticegate.proxy.relay.LocalModels;
import io.latticegate.proxy.relay.ModelCatalog;
import io.latticegate.proxy.relay.PassthroughRelay;
import io.latticegate.proxy.relay.ProviderApiRelay;
import io.latticegate.proxy.relay.ProviderKeys;
import io.latticegate.proxy.relay.ProviderRequests;
import io.latticegate.proxy.relay.Settings;
import io.latticegate.proxy.relay.TokenRelay;
import io.latticegate.proxy.relay.WalletRelay;
import io.latticegate.proxy.routing.RoutingState;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Binds the data port on one event loop and wires the edge that runs there. */
final class EdgeVerticle extends VerticleBase {
    private static final long SWEEP_MILLIS = 25;
    private static final long KEY_EXPIRY_MILLIS = 1_000;
    private static final int INITIAL_LINE_BYTES_MAX = 8 * 1024;
    private static final int HEAD_BYTES_MAX = 32 * 1024;
    private static final int FHE_REQUESTS_MAX = 256;
    private static final Duration FHE_SILENCE = Duration.ofMinutes(2);
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

    private final ServiceContext service;
    private final SocketAddress address;
    private final KeptAnswers cache;
    private final RoutingState routingState;
    private final GuardPolicies policies;
    private final Fingerprint fingerprint;
    private final @Nullable FhePods pods;
    private final WalletLabel walletLabel;
    private final AtomicReference<@Nullable Running> running = new AtomicReference<>();

    /** What a started verticle serves with. */
    private record Running(
            Edge edge,
            @Nullable FheForward encrypted,
            LeaseTable leases,
            AnswerStore answers,
            EdgeRules rules,
            HttpServer server) {
        void drain() {
            edge.drain();
            if (encrypted != null) {
                encrypted.drain();
            }
        }

        int inProgress() {
            return edge.inProgress() + (encrypted == null ? 0 : encrypted.inProgress());
        }
    }

    /**
     * @param address of the data port; all instances share it
     * @param cache of all instances
     * @param routingState what all instances know of the providers
     * @param fingerprint names the keys of clients, the same to all instances
     * @param pods to which requests of encrypted compute go; null: to none, and there are no such paths
     * @param walletLabel names wallets in the metrics, the same to all instances
     */
    EdgeVerticle(
            ServiceContext service,
            SocketAddress address,
            KeptAnswers cache,
            RoutingState routingState,
            GuardPolicies policies,
            Fingerprint fingerprint,
            WalletLabel walletLabel,
            @Nullable FhePods pods) {
        this.walletLabel = walletLabel;
        this.fingerprint = fingerprint;
        this.pods = pods;
        this.policies = policies;
        this.cache = cache;
        this.service = service;
        this.address = address;
        this.routingState = routingState;
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
        ProviderKeys providerKeys = new ProviderKeys(keys, config.auth().mode(), fingerprint);
        EdgeRules rules = new EdgeRules(vertx, keys);
        var audit = new JournalAuditTrail(
                service.journal(),
                Durability.valueOf(config.audit().durability().name()),
                context);
        LocalModels localModels = new LocalModels(vertx);
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
        Attempts.Collaborators attempts = new Attempts.Collaborators(
                routingState, keys, audit, new AttemptMetrics(service.metrics()), settings, vertx, service.clock());
        AnswerStore answers = cache.storeOn(context);
        Guards guards = guards(audit);
        TokenRelay tokens = new TokenRelay(
                leaseTable,
                attempts,
                providerKeys,
                localModels,
                new CachedAnswers(
                        cache.exact(),
                        answers,
                        cache.semantic(),
                        providerKeys,
                        service.clock(),
                        task -> context.runOnContext(run -> task.run())),
                guards);
        WalletRelay wallets = new WalletRelay(
                bus,
                attempts,
                reader,
                domains,
                localModels,
                config.relay().vault().allowLegacyStore(),
                guards);
        RequestIds ids = new RequestIds(new SecureRandom());
        FheForward encrypted = pods == null
                ? null
                : new FheForward(
                        vertx,
                        pods,
                        () -> rules.current().cors(),
                        ids,
                        FHE_SILENCE.plus(config.fhe().queue().maxDeadline()),
                        FHE_REQUESTS_MAX);
        Edge handler = new Edge(
                settings,
                new Exchange.Collaborators(audit, new ProviderRequests(service.metrics()), finished -> {}),
                ids,
                new EdgeMetrics(service.metrics(), walletLabel),
                service.tracing(),
                new Edge.Flows(
                        tokens,
                        wallets,
                        new PassthroughRelay(tokens, settings, guards),
                        new ModelCatalog(tokens),
                        new ProviderApiRelay(tokens, settings, guards)),
                rules::current,
                new Elsewhere() {
                    @Override
                    public boolean owns(String path) {
                        return encrypted != null && FhePaths.owns(path);
                    }

                    @Override
                    public boolean answer(HttpServerRequest request) {
                        String path = request.path();
                        if (encrypted != null && path != null && FhePaths.owns(path)) {
                            encrypted.take(request);
                            return true;
                        }
                        return service.management().answerOnDataPort(request);
                    }
                });
        bus.listen(AuthApi.REVOKED, leaseTable::revoke);
        bus.listen(VaultApi.CHANGED, keys::forget);
        vertx.setPeriodic(SWEEP_MILLIS, timer -> handler.sweep());
        vertx.setPeriodic(LeaseTable.FLUSH_MILLIS, timer -> leaseTable.flush());
        vertx.setPeriodic(KEY_EXPIRY_MILLIS, timer -> keys.expire());
        Http1ServerConfig limits = new Http1ServerConfig()
                .setMaxInitialLineLength(INITIAL_LINE_BYTES_MAX)
                .setMaxHeaderSize(HEAD_BYTES_MAX);
        return vertx.createHttpServer(options())
                .connectionHandler(connection -> StrictRequestDecoder.install(connection, limits))
                .requestHandler(handler)
                .invalidRequestHandler(handler)
                .listen(address)
                .onSuccess(bound -> running.set(new Running(handler, encrypted, leaseTable, answers, rules, bound)));
    }

    /** The port that the started verticle has bound. */
    int port() {
        return started().server.actualPort();
    }

    /** Puts rules into force, null: none; completes when no request begins under the former ones. */
    Future<Void> apply(RulesFollower.@Nullable Applied applied) {
        return onOwnLoop(() -> started().rules.apply(applied));
    }

    private Running started() {
        Running now = running.get();
        if (now == null) {
            throw new IllegalStateException("the edge is not started");
        }
        return now;
    }

    Future<Void> drain() {
        Running now = running.get();
        if (now == null) {
            return Future.succeededFuture();
        }
        return onOwnLoop(now::drain)
                .compose(nothing -> waitFor(() -> now.inProgress() == 0))
                .compose(nothing -> returnLeases(now.leases));
    }

    @Override
    public Future<?> stop() {
        Running now = running.getAndSet(null);
        if (now == null) {
            return Future.succeededFuture();
        }
        now.edge.abandon();
        now.leases.dropAll();
        now.leases.flush();
        now.answers.close();
        return now.server.close();
    }

    private Future<Void> returnLeases(LeaseTable leases) {
        return onOwnLoop(() -> {
                    leases.dropAll();
                    leases.flush();
                })
                .compose(nothing -> waitFor(() -> leases.openLeases() == 0)
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
        context.runOnContext(nothing -> Future.<Void>future(outcome -> {
                    step.run();
                    outcome.complete();
                })
                .onComplete(done));
        return done.future();
    }

    private Guards guards(AuditTrail audit) {
        Map<String, GuardWebhook> webhooks = new HashMap<>();
        policies.configured().forEach((name, policy) -> {
            if (policy.webhook() != null) {
                webhooks.put(name, new GuardWebhook(vertx, policy.webhook(), service.clock()));
            }
        });
        return new Guards(policies, webhooks, audit, new GuardMetrics(service.metrics()), vertx);
    }

    private static Settings settings(ServerConfig server) {
        return new Settings(
                Math.toIntExact(server.maxRequestSizeBytes()),
                server.maxConcurrentRequests(),
                server.timeouts().firstToken(),
                server.timeouts().streamIdle(),
                BODY_TIMEOUT,
                new Settings.Uploads(
                        Math.toIntExact(server.uploads().maxSizeBytes()),
                        server.uploads().maxConcurrent(),
                        server.uploads().timeout()));
    }

    private static HttpServerOptions options() {
        return new HttpServerOptions()
                .setTcpNoDelay(true)
                .setMaxInitialLineLength(INITIAL_LINE_BYTES_MAX)
                .setMaxHeaderSize(HEAD_BYTES_MAX)
                .setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(false)
                .setDecompressionSupported(false)
                .setCompressionSupported(false)
                .setAcceptBacklog(1_024);
    }
}
