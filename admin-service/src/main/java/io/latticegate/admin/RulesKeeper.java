package io.latticegate.admin;

import io.latticegate.admin.rules.RulesBook;
import io.latticegate.admin.rules.RulesVersion;
import io.latticegate.common.contract.ConfigApi;
import io.latticegate.common.contract.ConfigApi.InForce;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.Health;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Opens the book of rules, as soon as its store answers, and tells proxies what is in force. That the configuration file
 * replaces rules which were made at run time is in the audit before it happens.
 */
final class RulesKeeper {
    private static final Log LOG = Log.of(RulesKeeper.class);
    private static final long RETRY_MILLIS = 250;

    private final RulesBook book;
    private final AuditLog audit;
    private final InstantSource clock;
    private final AtomicBoolean begun = new AtomicBoolean();

    private RulesKeeper(RulesBook book, AuditLog audit, InstantSource clock) {
        this.book = book;
        this.audit = audit;
        this.clock = clock;
    }

    /** Serves {@link ConfigApi}; blocks while the store is asked for the first time. */
    static RulesKeeper start(ServiceContext context, Database database, ExecutorService executor) {
        Durability durability =
                Durability.valueOf(context.config().audit().durability().name());
        RulesBook book = new RulesBook(
                database,
                context.config(),
                context.clock(),
                version -> context.bus().publish(ConfigApi.CHANGED, new ConfigApi.Changed(version)));
        RulesKeeper keeper = new RulesKeeper(book, new AuditLog(context.journal(), durability), context.clock());
        keeper.begin();
        Background.every(context.vertx(), RETRY_MILLIS, executor, "reading the rules in force", keeper::begin);
        context.health()
                .check(
                        "rules",
                        () -> keeper.begun.get()
                                ? Health.Finding.ok()
                                : Health.Finding.failing("the store of the rules has not answered since the start"));
        context.bus().serveSigned(ConfigApi.IN_FORCE, executor, (follow, asker) -> keeper.inForce(follow));
        return keeper;
    }

    RulesBook book() {
        return book;
    }

    private void begin() {
        if (begun.get()) {
            return;
        }
        try {
            book.supersededByFile().ifPresent(this::record);
            book.begin();
            begun.set(true);
        } catch (StoreFault.Unavailable | AuditLog.NotRecorded notYet) {
            LOG.warn("the rules in force are not known yet", LogKey.REASON.of(notYet.getMessage()));
        }
    }

    private void record(RulesVersion superseded) {
        LOG.warn(
                "the configuration file's rules have changed and replace those in force; a rollback brings them back",
                LogKey.VERSION.of(superseded.version()));
        AuditRecord replaced = AuditRecord.builder(
                        AuditPhase.EVENT, "config.file", ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()))
                .actor(new AuditActor(AuditActor.Kind.SYSTEM, ""))
                .outcome(AuditOutcome.SUCCESS)
                .reason("the configuration file has changed")
                .metadata(Map.of("from_version", Long.toString(superseded.version())))
                .build();
        audit.record(replaced);
    }

    private InForce inForce(ConfigApi.Follow follow) {
        Optional<RulesVersion> current = current();
        if (current.isEmpty()) {
            return new InForce.Unknown("the store of the rules has not answered since the start");
        }
        RulesVersion now = current.get();
        return now.version() == follow.known()
                ? new InForce.Unchanged(now.version())
                : new InForce.Rules(now.version(), now.document().json());
    }

    private Optional<RulesVersion> current() {
        try {
            return Optional.of(book.current());
        } catch (StoreFault.Unavailable notYet) {
            return Optional.empty();
        }
    }
}
