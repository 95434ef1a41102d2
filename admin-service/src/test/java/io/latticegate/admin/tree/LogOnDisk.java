package io.latticegate.admin.tree;

import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.common.value.Secret;
import io.latticegate.testing.FakeTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** An audit store with its log, and everything that the log publishes as files. */
final class LogOnDisk implements AutoCloseable {
    static final String NODE = "5f0c1c8e-0000-4000-8000-000000000001";
    static final String OTHER = "5f0c1c8e-0000-4000-8000-000000000002";

    final FakeTime time = new FakeTime();
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final Database database;
    final AuditStore store;
    final TransparencyLog log;

    LogOnDisk(StoreLocation location, Path folder) {
        database = Database.open("audit", location);
        store = store(database, time);
        log = new TransparencyLog(database, "test", folder, time, metrics);
    }

    /** A store whose sealing key is that of every other one made here. */
    static AuditStore store(Database database, InstantSource clock) {
        return new AuditStore(clock, new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom()));
    }

    static LogOnDisk sqlite(Path folder) {
        return new LogOnDisk(new StoreLocation.Sqlite(folder), folder);
    }

    /** Stores numbered entries of a node; every third is a beginning. */
    void append(String node, long from, long to) {
        append(node, from, entries(from, to));
    }

    void append(String node, long from, List<byte[]> entries) {
        database.inTransaction(connection -> store.append(connection, node, from, entries));
    }

    static List<byte[]> entries(long from, long to) {
        List<byte[]> entries = new ArrayList<>();
        for (long number = from; number <= to; number++) {
            AuditPhase phase = number % 3 == 0 ? AuditPhase.BEGIN : AuditPhase.EVENT;
            entries.add(AuditEncoder.bytes(AuditRecord.builder(phase, "test", 1_700_000_000_000_000L + number)
                    .requestId("request-" + number)
                    .build()));
        }
        return entries;
    }

    TreeHead head() {
        return log.head().orElseThrow();
    }

    /** The hashes of all leaves, as stored. */
    List<byte[]> leaves() {
        return database.read(connection -> {
            List<byte[]> hashes = new ArrayList<>();
            LeafRuns.read(connection, 0, Long.MAX_VALUE, run -> {
                if (run.index() != hashes.size()) {
                    throw new AssertionError("leaf " + hashes.size() + " is missing");
                }
                for (int at = 0; at < run.size(); at++) {
                    hashes.add(run.hash(at));
                }
            });
            return hashes;
        });
    }

    /** One step of taking in entries from before the log; whether it was the last. */
    boolean step() {
        return database.inTransaction(Backfill::step);
    }

    /** Sequence numbers of a node in the order of their leaves. */
    List<Long> order(String node) {
        return database.read(connection -> {
            List<Long> numbers = new ArrayList<>();
            LeafRuns.read(connection, 0, Long.MAX_VALUE, run -> {
                for (int at = 0; at < run.size() && run.node().equals(node); at++) {
                    numbers.add(run.sequence() + at);
                }
            });
            return numbers;
        });
    }

    /** The index of an entry's leaf. */
    long index(String node, long sequence) {
        return database.read(connection ->
                LeafRuns.of(connection, node, sequence).map(LeafRuns.Run::index).orElse(-1L));
    }

    /** Takes the leaves from one index on away, without a word to the tree. */
    void cutLeaves(long from) {
        changeLeaves(leaf -> leaf.index() < from ? Optional.of(leaf.hashes()) : Optional.empty());
    }

    /** Takes one leaf away. */
    void loseLeaf(long index) {
        changeLeaves(leaf -> leaf.index() == index ? Optional.empty() : Optional.of(leaf.hashes()));
    }

    /** Puts another hash in place of a leaf's. */
    void forgeLeaf(long index, byte[] hash) {
        changeLeaves(leaf -> Optional.of(leaf.index() == index ? hash : leaf.hashes()));
    }

    private void changeLeaves(Function<LeafRuns.Run, Optional<byte[]>> hash) {
        database.inTransaction(connection -> {
            List<LeafRuns.Run> leaves = new ArrayList<>();
            LeafRuns.read(connection, 0, Long.MAX_VALUE, run -> {
                for (int at = 0; at < run.size(); at++) {
                    leaves.add(new LeafRuns.Run(run.index() + at, run.node(), run.sequence() + at, run.hash(at)));
                }
            });
            TreeTables.execute(connection, "DELETE FROM audit_leaves");
            for (LeafRuns.Run leaf : leaves) {
                Optional<byte[]> now = hash.apply(leaf);
                if (now.isPresent()) {
                    LeafRuns.append(
                            connection,
                            leaf.index(),
                            List.of(new LeafBatch.Leaf(leaf.node(), leaf.sequence(), now.get())));
                }
            }
            return leaves;
        });
    }

    void execute(String sql) {
        database.inTransaction(connection -> {
            TreeTables.execute(connection, sql);
            return sql;
        });
    }

    /** What verify-audit reads, by name. */
    Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("keys", keys(log.keys()));
        TreeHead head = head();
        files.put("checkpoint", head.note().getBytes(StandardCharsets.UTF_8));
        for (int level = TilePath.ENTRIES; level <= 7; level++) {
            long width = head.size() >>> (8 * Math.max(0, level));
            for (long first = 0; first < width; first += TilePath.FULL_WIDTH) {
                TilePath path = new TilePath(
                        level, first / TilePath.FULL_WIDTH, (int) Math.min(TilePath.FULL_WIDTH, width - first));
                files.put(name(path), log.tile(path).orElseThrow());
            }
        }
        return files;
    }

    static String name(TilePath path) {
        StringBuilder index = new StringBuilder("%03d".formatted(path.index() % 1_000));
        for (long rest = path.index() / 1_000; rest > 0; rest /= 1_000) {
            index.insert(0, "x%03d/".formatted(rest % 1_000));
        }
        return "tile/" + (path.level() == TilePath.ENTRIES ? "entries" : path.level()) + "/" + index
                + (path.width() == TilePath.FULL_WIDTH ? "" : ".p/" + path.width());
    }

    /** A list of keys as the API answers it. */
    static byte[] keys(List<LogKey> keys) {
        JsonArray list = new JsonArray();
        for (LogKey key : keys) {
            list.add(new JsonObject()
                    .put("name", key.name())
                    .put("algorithm", key.algorithm().label())
                    .put("public_key", Base64.getEncoder().encodeToString(key.spki()))
                    .put("verifier", key.verifier())
                    .put("since", "2026-01-01T00:00:00Z"));
        }
        return new JsonObject().put("keys", list).toBuffer().getBytes();
    }

    @Override
    public void close() {
        database.close();
    }
}
