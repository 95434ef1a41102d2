package io.latticegate.admin.tree;

import io.latticegate.common.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Extends the last signed head by the leaves behind it and signs the result: one transaction under the head's lock, so one
 * node at a time. The new root is computed from the signed tree and the new leaves alone; leaves below are never read again,
 * so what is signed always extends what was signed before.
 *
 * <p>In this order: the head is committed, forced to disk, noted in {@link LastSeenHead}, and only then handed out. A crash
 * between any two of these leaves a head that nobody has seen, or one that the next start finds.
 *
 * <p>Nothing is signed, and {@link TreeDamage} says why, when the store holds fewer leaves than the last head, when the head
 * that this node saw last is not part of the stored tree, or when the stored head is not properly signed.
 *
 * <p>Not thread-safe: one run at a time.
 */
final class CheckpointWriter {
    /** Most leaves in one transaction; the rest follows at once. */
    static final int LEAVES_AT_ONCE = 16_384;

    /**
     * What a run found.
     *
     * @param head the newest head, which is on the disk
     * @param more whether there are leaves behind it that a further run would sign
     * @param lagMicros how long the oldest leaf of a head signed by this run waited; negative when none was signed
     */
    record Run(TreeHead head, boolean more, long lagMicros) {}

    private record Extended(TreeHead head, long treeSize, long oldestMicros) {}

    private final Database database;
    private final SigningKeys keys;
    private final LastSeenHead lastSeen;
    private final InstantSource clock;
    private final AtomicReference<@Nullable TreeHead> current = new AtomicReference<>();

    CheckpointWriter(Database database, SigningKeys keys, LastSeenHead lastSeen, InstantSource clock) {
        this.database = database;
        this.keys = keys;
        this.lastSeen = lastSeen;
        this.clock = clock;
    }

    /**
     * Signs what is new, or follows the node that did.
     *
     * @return nothing while no head was ever signed
     * @throws TreeDamage when nothing may be signed
     */
    Optional<Run> run() {
        TreeHead known = current.get();
        Extended seen = database.read(CheckpointWriter::look);
        boolean due = keys.signer().isPresent()
                && (!seen.head().signed() || seen.treeSize() > seen.head().size());
        if (seen.treeSize() < seen.head().size()) {
            throw new TreeDamage("the store has " + seen.treeSize() + " leaves, but a head of "
                    + seen.head().size() + " was signed");
        }
        if (known != null && !due && same(known, seen.head())) {
            return Optional.of(new Run(known, false, -1));
        }
        Extended extended =
                due ? database.inTransaction(this::extend) : database.read(connection -> follow(connection, seen));
        if (!extended.head().signed()) {
            return Optional.empty();
        }
        database.force();
        lastSeen.write(extended.head().note());
        current.set(extended.head());
        boolean more = keys.signer().isPresent()
                && extended.treeSize() > extended.head().size();
        long lag = extended.oldestMicros() < 0 ? -1 : Math.max(0, nowMicros() - extended.oldestMicros());
        return Optional.of(new Run(extended.head(), more, lag));
    }

    private static Extended look(Connection connection) throws SQLException {
        TreeHead head = TreeTables.head(connection);
        return new Extended(head, TreeTables.extent(connection).size(), -1);
    }

    private Extended follow(Connection connection, Extended seen) throws SQLException {
        if (seen.head().signed()) {
            check(connection, seen.head());
        }
        return seen;
    }

    private Extended extend(Connection connection) throws SQLException {
        TreeHead last = TreeTables.lockHead(connection);
        CompactRange range = check(connection, last);
        long treeSize = TreeTables.extent(connection).size();
        if (treeSize < last.size()) {
            throw new TreeDamage("the store has " + treeSize + " leaves, but a head of " + last.size() + " was signed");
        }
        if (last.signed() && treeSize == last.size()) {
            return new Extended(last, treeSize, -1);
        }
        long oldest = receivedAt(connection, last.size());
        append(connection, range, Math.min(treeSize, last.size() + LEAVES_AT_ONCE));
        byte[] root = range.root();
        CheckpointSigner signer = keys.signer().orElseThrow();
        String note = new Checkpoint(keys.origin(), range.size(), root).sign(signer);
        TreeHead head = new TreeHead(range.size(), root, range.packed(), note, nowMicros());
        TreeTables.storeHead(connection, head);
        return new Extended(head, treeSize, oldest);
    }

    /** Returns the stored tree, after it was held against everything that is known of it. */
    private CompactRange check(Connection connection, TreeHead stored) throws SQLException {
        CompactRange range;
        try {
            range = CompactRange.of(stored.size(), stored.peaks());
        } catch (IllegalArgumentException malformed) {
            throw new TreeDamage("the stored head is malformed: " + malformed.getMessage());
        }
        if (!Arrays.equals(range.root(), stored.root())) {
            throw new TreeDamage("the stored head of size " + stored.size() + " does not have its own root");
        }
        TreeHead known = current.get();
        if (known != null && same(known, stored)) {
            return range;
        }
        if (stored.signed()) {
            Checkpoint signed = Checkpoint.open(stored.note(), keys.keys());
            if (signed.size() != stored.size()
                    || !Arrays.equals(signed.root(), stored.root())
                    || !signed.origin().equals(keys.origin())) {
                throw new TreeDamage("the stored head of size " + stored.size() + " is not the one that was signed");
            }
        }
        Optional<Checkpoint> before = lastSeen.read(keys.keys());
        if (before.isPresent()) {
            checkGrown(connection, before.get(), stored);
        }
        return range;
    }

    private static boolean same(TreeHead one, TreeHead other) {
        return one.size() == other.size() && one.note().equals(other.note()) && Arrays.equals(one.root(), other.root());
    }

    private void checkGrown(Connection connection, Checkpoint before, TreeHead stored) throws SQLException {
        if (stored.size() < before.size()) {
            throw new TreeDamage("the stored head has size " + stored.size() + ", but " + lastSeen.file()
                    + " holds a signed one of size " + before.size() + ": the store was set back");
        }
        byte[] root = stored.size() == before.size() ? stored.root() : new TreeReader(connection).root(before.size());
        if (!Arrays.equals(root, before.root())) {
            throw new TreeDamage("the stored tree is another one than that whose head of size " + before.size()
                    + " lies in " + lastSeen.file());
        }
    }

    private static void append(Connection connection, CompactRange range, long to) throws SQLException {
        if (range.size() == to) {
            return;
        }
        try (PreparedStatement subtree =
                connection.prepareStatement("INSERT INTO audit_subtree (level, idx, hash) VALUES (?, ?, ?)")) {
            FullSubtrees full = new FullSubtrees(subtree);
            LeafRuns.read(connection, range.size(), to, run -> {
                if (run.index() != range.size()) {
                    throw new TreeDamage("leaf " + range.size() + " is missing");
                }
                for (int at = 0; at < run.size(); at++) {
                    range.append(run.hash(at), full);
                }
            });
            if (range.size() != to) {
                throw new TreeDamage("leaf " + range.size() + " is missing");
            }
            full.write();
        }
    }

    /** Heads of full tiles on their way into the store. */
    private static final class FullSubtrees implements CompactRange.FullTiles {
        private record Head(int level, long index, byte[] hash) {}

        private final PreparedStatement insert;
        private final List<Head> heads = new ArrayList<>();

        FullSubtrees(PreparedStatement insert) {
            this.insert = insert;
        }

        @Override
        public void add(int level, long index, byte[] hash) {
            heads.add(new Head(level, index, hash));
        }

        void write() throws SQLException {
            for (Head head : heads) {
                insert.setInt(1, head.level());
                insert.setLong(2, head.index());
                insert.setBytes(3, head.hash());
                insert.addBatch();
            }
            if (!heads.isEmpty()) {
                insert.executeBatch();
            }
        }
    }

    /** When the entry of a leaf was stored, or a negative number where there is no such entry. */
    static long receivedAt(Connection connection, long index) throws SQLException {
        Optional<LeafRuns.Run> leaf = LeafRuns.at(connection, index);
        if (leaf.isEmpty()) {
            return -1;
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT received_at FROM audit_log WHERE node = ? AND seq = ?"
                        + " UNION ALL SELECT received_at FROM audit_begin WHERE node = ? AND seq = ?")) {
            for (int at = 0; at < 4; at += 2) {
                select.setString(at + 1, leaf.get().node());
                select.setLong(at + 2, leaf.get().sequence());
            }
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getLong(1) : -1;
            }
        }
    }

    private long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }
}
