package io.latticegate.vault;

import io.latticegate.common.bus.Asker;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.Health;
import io.latticegate.common.service.RollCall;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.record.KeyRotation;
import io.latticegate.vault.record.KeyVault;
import io.latticegate.vault.record.Lifetimes;
import io.latticegate.vault.record.NotPermitted;
import io.latticegate.vault.record.RotationFlow;
import io.latticegate.vault.record.VaultAudit;
import io.latticegate.vault.record.VaultFlow;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@link VaultApi} over the vault's own database. */
public final class VaultService implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(VaultService.class);
    private static final Duration STORE_LIMIT = Duration.ofSeconds(30);
    private static final long PURGE_MILLIS = TimeUnit.MINUTES.toMillis(1);
    private static final long ROTATE_MILLIS = 1_000;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable Database> database = new AtomicReference<>();
    private final AtomicReference<@Nullable KeyVault> vault = new AtomicReference<>();

    @Override
    public ServiceRole role() {
        return ServiceRole.VAULT;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        return context.vertx()
                .executeBlocking(() -> {
                    Database opened = Database.open(
                            "vault", Stores.location(context.config().storage()));
                    database.set(opened);
                    opened.awaitReady(STORE_LIMIT);
                    KeyVault keyVault = open(context, opened);
                    vault.set(keyVault);
                    importGatewayKeys(
                            context.config(), keyVault, changed -> context.bus().publish(VaultApi.CHANGED, changed));
                    serve(context, keyVault);
                    Stores.watch(context.vertx(), executor, context.health(), "vault-store", opened);
                    context.health().check("vault", Health.Finding::ok);
                    RollCall.answer(
                            context,
                            ServiceRole.VAULT,
                            () -> RollCall.Facts.ofKeks(List.copyOf(new TreeSet<>(keyVault.configuredKeks()))));
                    Background.every(
                            context.vertx(), PURGE_MILLIS, executor, "removing expired keys", () -> purge(keyVault));
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
        KeyVault open = vault.getAndSet(null);
        if (open != null) {
            open.close();
        }
        Database store = database.getAndSet(null);
        if (store != null) {
            store.close();
        }
        return Future.succeededFuture();
    }

    private static KeyVault open(ServiceContext context, Database database) {
        SecureRandom random = new SecureRandom();
        Duration idle = context.config().relay().vault().ttl();
        Lifetimes lifetimes = new Lifetimes(
                idle,
                context.config().relay().vault().refreshOnUse(),
                idle.compareTo(Lifetimes.DEFAULT.walletTotal()) > 0 ? idle : Lifetimes.DEFAULT.walletTotal(),
                Lifetimes.DEFAULT.projectLease());
        return KeyVault.open(
                database.dataSource(),
                KekRing.configured(context.config().encryption(), random),
                lifetimes,
                context.clock(),
                random);
    }

    /**
     * Keys that the configuration holds for all projects move into the vault, so that only this service needs them; then they
     * are wiped.
     */
    private static void importGatewayKeys(
            LatticegateConfig config, KeyVault vault, Consumer<VaultApi.Changed> changed) {
        for (ProviderConfig provider : config.providers().values()) {
            if (provider.enabled() && new GatewayKeys(vault, provider).importChanged()) {
                changed.accept(new VaultApi.Changed(VaultApi.Owner.gateway(), provider.name()));
                LOG.info("the gateway's keys for {} are in the vault", provider.name());
            }
        }
    }

    private void serve(ServiceContext context, KeyVault keyVault) {
        MeshBus bus = context.bus();
        VaultAudit audit = new JournalVaultAudit(
                new AuditLog(
                        context.journal(),
                        Durability.valueOf(context.config().audit().durability().name())),
                context.clock());
        KeyRotation rotation = keyVault.rotation(audit);
        RotationFlow rotations = new RotationFlow(keyVault, rotation, audit);
        VaultFlow flow = new VaultFlow(keyVault, audit, changed -> bus.publish(VaultApi.CHANGED, changed));
        serve(bus, VaultApi.LEASE_KEY, flow::leaseKey);
        serve(bus, VaultApi.TRANSPORT_KEY, flow::transportKey);
        serve(bus, VaultApi.STORE_KEY, flow::storeKey);
        serve(bus, VaultApi.DELETE_KEY, flow::deleteKey);
        serve(bus, VaultApi.WEIGH_KEY, flow::weighKey);
        serve(bus, VaultApi.DESCRIBE_KEYS, flow::describeKeys);
        serve(bus, VaultApi.ROTATE, rotations::rotate);
        serve(bus, VaultApi.DESCRIBE_VAULT, rotations::describeVault);
        serve(bus, VaultApi.LIST_RECORDS, rotations::listRecords);
        Background.every(context.vertx(), ROTATE_MILLIS, executor, "rotating keys", rotation::work);
    }

    private <Q extends Record, R> void serve(
            MeshBus bus, Endpoint<Q, R> endpoint, BiFunction<Q, io.latticegate.vault.record.Asker, R> handler) {
        bus.serveSigned(endpoint, executor, (question, asker) -> {
            try {
                return handler.apply(question, new BusAsker(asker));
            } catch (NotPermitted refused) {
                throw new SignedExchange.NotPermitted(String.valueOf(refused.getMessage()));
            }
        });
    }

    private static void purge(KeyVault vault) {
        int purged = vault.purgeExpired();
        if (purged > 0) {
            LOG.info("{} expired wallet keys were removed", purged);
        }
    }

    /** The asker as the bus has verified it. */
    private record BusAsker(Asker asker) implements io.latticegate.vault.record.Asker {
        @Override
        public ServiceRole role() {
            return asker.role();
        }

        @Override
        public String node() {
            return asker.node();
        }

        @Override
        public SealedSecret seal(Secret secret) {
            return asker.seal(secret);
        }
    }

    /** Writes accesses to keys into this process's journal. */
    private record JournalVaultAudit(AuditLog log, InstantSource clock) implements VaultAudit {
        @Override
        public void record(Entry entry) {
            long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
            var owner = entry.owner();
            AuditRecord.Builder record = AuditRecord.builder(
                            AuditPhase.EVENT, "vault." + entry.action().name().toLowerCase(Locale.ROOT), micros)
                    .actor(
                            owner.kind() == VaultApi.OwnerKind.WALLET
                                    ? new AuditActor(AuditActor.Kind.WALLET, owner.id())
                                    : new AuditActor(AuditActor.Kind.SYSTEM, owner.kind() + " " + owner.id()))
                    .outcome(
                            switch (entry.outcome()) {
                                case BEGUN, RELEASED, DONE -> AuditOutcome.SUCCESS;
                                case NONE -> AuditOutcome.FAILURE;
                                case CORRUPT -> AuditOutcome.ERROR;
                                case REFUSED -> AuditOutcome.DENIED;
                            })
                    .reason(entry.reason() == null ? "" : entry.reason())
                    .provider(entry.provider() == null ? "" : entry.provider())
                    .keyFingerprint(entry.fingerprint() == null ? "" : entry.fingerprint())
                    .metadata(Map.of(
                            "stage",
                            entry.outcome().name().toLowerCase(Locale.ROOT),
                            "asker",
                            entry.askerRole().label() + "/" + entry.askerNode()));
            if (owner.kind() == VaultApi.OwnerKind.PROJECT) {
                record.projectId(owner.id());
            }
            log.record(record.build());
        }
    }
}
