package io.latticegate.admin.tree;

import io.latticegate.common.service.Health;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.telemetry.Log;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The audit store as a log that can be proved: signs heads ({@link #tend}) and answers with proofs and tiles under the newest
 * one. Everything blocks and belongs on virtual threads.
 */
public final class TransparencyLog {
    /** How often {@link #tend} is called at least. */
    public static final long TEND_MILLIS = 250;

    /** So many new entries are not left waiting for the next regular call. */
    static final int UNSIGNED_MAX = 1_024;

    private static final Log LOG = Log.of(TransparencyLog.class);

    private final Database database;
    private final String newOrigin;
    private final Path folder;
    private final InstantSource clock;
    private final ReentrantLock tending = new ReentrantLock();
    private final AtomicReference<@Nullable SigningKeys> keys = new AtomicReference<>();
    private final AtomicReference<@Nullable CheckpointWriter> writer = new AtomicReference<>();
    private final AtomicReference<@Nullable TreeHead> published = new AtomicReference<>();
    private final AtomicReference<String> refusal = new AtomicReference<>("");
    private final AtomicBoolean backfilled = new AtomicBoolean();
    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicLong treeSize = new AtomicLong();
    private final Counter signed;
    private final Timer lag;

    /**
     * @param mesh name of the mesh, which a new log is named after
     * @param folder {@code storage.dir}: where the secret of the signing keys and the last seen head lie
     */
    public TransparencyLog(Database database, String mesh, Path folder, InstantSource clock, MeterRegistry metrics) {
        this.database = database;
        this.newOrigin = "latticegate.audit/" + mesh;
        this.folder = folder;
        this.clock = clock;
        this.signed = Counter.builder("audit.checkpoints.signed")
                .description("Heads of the audit log that this node signed")
                .register(metrics);
        this.lag = Timer.builder("audit.checkpoint.lag")
                .description("From the storing of the oldest entry under a head to the head's publication")
                .serviceLevelObjectives(
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5))
                .register(metrics);
        Gauge.builder("audit.tree.size", treeSize, AtomicLong::doubleValue)
                .description("Leaves of the audit log")
                .register(metrics);
        Gauge.builder("audit.checkpoint.size", this, TransparencyLog::publishedSize)
                .description("Leaves under the newest head of the audit log")
                .register(metrics);
        Gauge.builder("audit.checkpoint.refused", this, log -> log.refusal.get().isEmpty() ? 0 : 1)
                .description("1 while this node refuses to sign because the stored tree is not the one it signed last")
                .register(metrics);
    }

    private double publishedSize() {
        TreeHead head = published.get();
        return head == null ? 0 : head.size();
    }

    /** Notes entries that were stored; whether so many now wait that {@link #tend} should be called at once. */
    public boolean noteAdded(int entries) {
        return added.addAndGet(entries) >= UNSIGNED_MAX;
    }

    /**
     * Takes in entries from before the log, and signs a head when there are leaves that none covers. Called every
     * {@link #TEND_MILLIS}; a call while another is under way returns at once.
     */
    public void tend() {
        if (!tending.tryLock()) {
            return;
        }
        try {
            added.set(0);
            boolean more = true;
            while (more) {
                boolean older = takeIn();
                more = sign() || older;
            }
            refused("");
            away.set(false);
        } catch (TreeDamage | UncheckedIOException | IllegalStateException fault) {
            refused(String.valueOf(fault.getMessage()));
        } catch (StoreFault fault) {
            if (!away.getAndSet(true)) {
                LOG.warn("heads of the audit log wait for the store: " + fault.getMessage());
            }
        } finally {
            tending.unlock();
        }
    }

    private boolean takeIn() {
        if (!backfilled.get()) {
            backfilled.set(database.inTransaction(Backfill::step));
        }
        return !backfilled.get();
    }

    private boolean sign() {
        Optional<CheckpointWriter.Run> run = writer().run();
        treeSize.set(database.read(TreeTables::extent).size());
        if (run.isEmpty()) {
            return false;
        }
        published.set(run.get().head());
        if (run.get().lagMicros() >= 0) {
            signed.increment();
            lag.record(run.get().lagMicros(), TimeUnit.MICROSECONDS);
        }
        return run.get().more();
    }

    private CheckpointWriter writer() {
        CheckpointWriter open = writer.get();
        if (open == null) {
            SigningKeys found = SigningKeys.open(database, newOrigin, folder, nowMicros(), new SecureRandom());
            if (found.signer().isEmpty()) {
                LOG.warn(
                        "this node does not sign heads of the audit log: the keys are sealed under the secret of another"
                                + " node; give it that node's " + SigningKeys.SECRET_FILE + " to have it sign too");
            }
            LastSeenHead lastSeen = new LastSeenHead(folder);
            lastSeen.sweep();
            open = new CheckpointWriter(database, found, lastSeen, clock);
            keys.set(found);
            writer.set(open);
        }
        return open;
    }

    private void refused(String why) {
        String before = refusal.getAndSet(why);
        if (!why.isEmpty() && !why.equals(before)) {
            LOG.error("no head of the audit log is signed: " + why);
        }
    }

    /** Failing while this node refuses to sign, which {@code docs/audit.md} says how to end. */
    public Health.Finding health() {
        String why = refusal.get();
        if (!why.isEmpty()) {
            return Health.Finding.failing("no head of the audit log is signed: " + why);
        }
        SigningKeys known = keys.get();
        return known != null && known.signer().isEmpty()
                ? new Health.Finding(true, "this node follows; it lacks the secret that signs heads of the audit log")
                : Health.Finding.ok();
    }

    /** The newest signed head, which is on the disk. */
    public Optional<TreeHead> head() {
        return Optional.ofNullable(published.get());
    }

    /** With what heads are signed; empty before the store has answered for the first time. */
    public List<LogKey> keys() {
        SigningKeys known = keys.get();
        return known == null ? List.of() : known.keys();
    }

    /** When the keys were made. */
    public Instant keysSince() {
        SigningKeys known = keys.get();
        return Instant.EPOCH.plus(known == null ? 0 : known.createdAtMicros(), ChronoUnit.MICROS);
    }

    /** What became of a question for a proof. */
    public sealed interface Proved {
        /** No entry has that id. */
        record Unknown() implements Proved {}

        /** The entry is stored; the next head will cover it. */
        record NotYet() implements Proved {}

        record Proof(Inclusion inclusion) implements Proved {}
    }

    /** Proves that the entry {@code <node>-<sequence>} is under the newest head. */
    public Proved prove(String id) {
        int dash = id.lastIndexOf('-');
        if (dash < 1 || id.length() > 90 || !id.substring(dash + 1).matches("[1-9][0-9]{0,17}")) {
            return new Proved.Unknown();
        }
        TreeHead head = published.get();
        String node = id.substring(0, dash);
        long sequence = Long.parseLong(id.substring(dash + 1));
        return database.read(connection -> new EntryReader(connection).prove(node, sequence, head));
    }

    /**
     * The consistency proof between two sizes with the roots of both.
     *
     * @param to at most the newest head's size
     */
    public Consistency consistency(long from, long to) {
        return database.read(connection -> {
            TreeReader reader = new TreeReader(connection);
            return new Consistency(reader.root(from), reader.root(to), reader.consistency(from, to));
        });
    }

    /** A consistency proof (RFC 9162, section 2.1.4). */
    public record Consistency(byte[] fromRoot, byte[] toRoot, List<byte[]> path) {
        /** Takes a copy of the list. */
        public Consistency {
            path = List.copyOf(path);
        }
    }

    /** The bytes of a tile or bundle, or nothing when the newest head does not reach so far. */
    public Optional<byte[]> tile(TilePath path) {
        TreeHead head = published.get();
        if (head == null || path.end() > head.size()) {
            return Optional.empty();
        }
        return Optional.of(database.read(connection -> path.level() == TilePath.ENTRIES
                ? new EntryReader(connection).bundle(path.index() * TilePath.FULL_WIDTH, path.width())
                : new TreeReader(connection).tile(path.level(), path.index(), path.width())));
    }

    /** @throws StoreFault when the store does not answer */
    public LogStatus status() {
        TreeHead head = published.get();
        return database.read(connection -> new EntryReader(connection).status(head, nowMicros(), refusal.get()));
    }

    private long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }
}
