package io.latticegate.auth;

import io.latticegate.auth.lease.LeaseLedger;
import io.latticegate.auth.lease.LeaseTerms;
import io.latticegate.auth.token.NonceLog;
import io.latticegate.auth.token.TokenPepper;
import io.latticegate.auth.token.TokenRegistry;
import io.latticegate.auth.wallet.AdmitWallet;
import io.latticegate.auth.wallet.EcdsaRecovery;
import io.latticegate.auth.wallet.InProcessWalletState;
import io.latticegate.auth.wallet.NonceRule;
import io.latticegate.auth.wallet.RateLimit;
import io.latticegate.auth.wallet.TimeTolerance;
import io.latticegate.auth.wallet.WalletAdmission;
import io.latticegate.auth.wallet.WalletState;
import io.latticegate.auth.wallet.WalletStateLimits;
import io.latticegate.auth.wallet.redis.RedisWalletState;
import io.latticegate.auth.wallet.redis.StateEpoch;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.RelayConfig;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.RollCall;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.redis.RedisLocation;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.common.value.WalletAddress;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@link AuthApi}: tokens and leases from the database, wallet state from memory or, when clustered, Redis. */
public final class AuthService implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(AuthService.class);
    private static final long SWEEP_MILLIS = 1_000;
    private static final long FORGET_MILLIS = 60_000;
    private static final int WALLETS_MAX = 100_000;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable Database> database = new AtomicReference<>();
    private final AtomicReference<@Nullable RedisScripts> redis = new AtomicReference<>();

    @Override
    public ServiceRole role() {
        return ServiceRole.AUTH;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        return context.vertx()
                .executeBlocking(() -> {
                    Database opened = Database.open(
                            "auth", Stores.location(context.config().storage()));
                    database.set(opened);
                    serveTokens(context, opened);
                    serveWallets(context, opened);
                    Stores.watch(context.vertx(), executor, context.health(), "auth-store", opened);
                    RollCall.answer(context, ServiceRole.AUTH, () -> RollCall.Facts.NONE);
                    return opened;
                })
                .mapEmpty();
    }

    @Override
    public Future<Void> drain() {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
        executor.shutdown();
        RedisScripts scripts = redis.getAndSet(null);
        if (scripts != null) {
            scripts.close();
        }
        Database store = database.getAndSet(null);
        if (store != null) {
            store.close();
        }
        return Future.succeededFuture();
    }

    private void serveTokens(ServiceContext context, Database store) {
        MeshBus bus = context.bus();
        TokenPepper pepper =
                new TokenPepper(context.config().auth().tokenPepper().require().copy());
        TokenRegistry registry = new TokenRegistry(
                store, pepper, context.clock(), new SecureRandom(), revoked -> bus.publish(AuthApi.REVOKED, revoked));
        LeaseLedger ledger = new LeaseLedger(store, pepper, context.clock(), LeaseTerms.DEFAULT);
        bus.serve(AuthApi.LEASE, executor, ledger::grant);
        bus.serve(AuthApi.SETTLE, executor, ledger::settle);
        bus.serve(AuthApi.CREATE_PROJECT, executor, registry::createProject);
        bus.serve(AuthApi.GET_PROJECT, executor, registry::getProject);
        bus.serve(AuthApi.LIST_PROJECTS, executor, registry::listProjects);
        bus.serve(AuthApi.UPDATE_PROJECT, executor, registry::updateProject);
        bus.serve(AuthApi.CREATE_TOKEN, executor, registry::createToken);
        bus.serve(AuthApi.GET_TOKEN, executor, registry::getToken);
        bus.serve(AuthApi.LIST_TOKENS, executor, registry::listTokens);
        bus.serve(AuthApi.UPDATE_TOKEN, executor, registry::updateToken);
        bus.serve(AuthApi.REVOKE_PROJECT_TOKENS, executor, registry::revokeProjectTokens);
        Background.every(context.vertx(), SWEEP_MILLIS, executor, "closing lost leases", () -> {
            LeaseLedger.Swept swept = ledger.sweep();
            if (swept.lost() > 0) {
                LOG.warn("{} leases were never settled and count as spent", swept.lost());
            }
        });
    }

    private void serveWallets(ServiceContext context, Database store) {
        RelayConfig relay = context.config().relay();
        TimeTolerance tolerance = new TimeTolerance(relay.timestampTolerance(), relay.futureTolerance());
        boolean strict = relay.nonce().mode() == RelayConfig.NonceMode.STRICT;
        WalletStateLimits limits = new WalletStateLimits(
                new RateLimit(relay.rateLimitPerMinute(), Duration.ofMinutes(1)),
                new NonceRule(NonceRule.DEFAULT.windowSize(), strict),
                relay.nonce().retention(),
                tolerance.replayHorizon(),
                WALLETS_MAX,
                WALLETS_MAX);
        WalletState state = context.config().mesh().clustered()
                ? shared(context, store, limits, tolerance)
                : alone(context, store, limits);
        AdmitWallet admit = new AdmitWallet(
                new WalletAdmission(EcdsaRecovery.load(), state, tolerance, context.clock()), context.clock());
        int window = strict ? 1 : NonceRule.DEFAULT.windowSize();
        context.bus().serve(AuthApi.ADMIT_WALLET, executor, admit::answer);
        context.bus()
                .serve(
                        AuthApi.NEXT_NONCE,
                        executor,
                        question -> new AuthApi.NonceAnswer(
                                state.expectedNonce(WalletAddress.parse(question.wallet()))
                                        .orElse(context.clock().millis()),
                                window,
                                context.clock().instant().getEpochSecond()));
    }

    private WalletState shared(
            ServiceContext context, Database store, WalletStateLimits limits, TimeTolerance tolerance) {
        RedisScripts scripts = new RedisScripts(
                context.vertx(), RedisLocation.of(context.config().redis()));
        redis.set(scripts);
        StateEpoch epoch = new StateEpoch(
                store,
                scripts,
                context.clock(),
                tolerance.future(),
                context.config().redis().durable());
        return new RedisWalletState(scripts, epoch, limits, tolerance, context.clock());
    }

    private WalletState alone(ServiceContext context, Database store, WalletStateLimits limits) {
        NonceLog log = new NonceLog(store);
        long keptMillis =
                Math.max(limits.retention().toMillis(), limits.replayHorizon().toMillis());
        Background.every(
                context.vertx(),
                FORGET_MILLIS,
                executor,
                "forgetting old nonces",
                () -> log.forget(context.clock().millis() - keptMillis));
        return new DurableWalletState(new InProcessWalletState(limits, System::nanoTime), log, context.clock());
    }
}
