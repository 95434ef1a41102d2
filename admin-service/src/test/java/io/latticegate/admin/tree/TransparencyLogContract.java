package io.latticegate.admin.tree;

import static io.latticegate.admin.tree.LogOnDisk.NODE;
import static io.latticegate.admin.tree.LogOnDisk.OTHER;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.tree.TransparencyLog.Proved;
import io.latticegate.common.store.StoreLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log promises on every database. */
abstract class TransparencyLogContract {
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private Path folder;

    @TempDir
    private Path elsewhere;

    private StoreLocation location;
    private LogOnDisk log;

    /** A store without tables. */
    abstract StoreLocation emptyStore();

    @BeforeEach
    void open() {
        location = emptyStore();
        log = new LogOnDisk(location, folder);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private void reopen() {
        log.close();
        log = new LogOnDisk(location, folder);
    }

    private static List<String> hex(List<byte[]> hashes) {
        return hashes.stream().map(HEX::formatHex).toList();
    }

    @Test
    void signsTheEmptyTreeFirst() {
        log.log.tend();

        assertThat(log.head().size()).isZero();
        assertThat(log.head().root()).isEqualTo(TreeHash.empty());
        assertThat(Checkpoint.open(log.head().note(), log.log.keys()).origin()).isEqualTo("latticegate.audit/test");
    }

    @Test
    void everyProofIsThatOfTheNaiveTree() {
        SplittableRandom random = new SplittableRandom(7);
        long next = 1;
        for (int batch = 0; batch < 9; batch++) {
            long to = next + random.nextInt(120);
            log.append(batch % 3 == 0 ? OTHER : NODE, next, to);
            log.append(batch % 3 == 0 ? NODE : OTHER, next, to);
            next = to + 1;
            log.log.tend();
            List<byte[]> leaves = log.leaves();
            int size = leaves.size();
            assertThat(log.head().size()).isEqualTo(size);
            assertThat(log.head().root()).isEqualTo(NaiveTree.root(leaves));
            for (int probe = 0; probe < 12; probe++) {
                int index = random.nextInt(size);
                int from = 1 + random.nextInt(size);
                List<byte[]> path = log.database.read(
                        connection -> new TreeReader(connection).inclusion(index, from > index ? from : size));
                assertThat(hex(path))
                        .as("leaf %d", index)
                        .isEqualTo(hex(NaiveTree.inclusion(index, leaves.subList(0, from > index ? from : size))));
                TransparencyLog.Consistency proof = log.log.consistency(from, size);
                assertThat(hex(proof.path()))
                        .as("from %d to %d", from, size)
                        .isEqualTo(hex(NaiveTree.consistency(from, leaves)));
                assertThat(proof.fromRoot()).isEqualTo(NaiveTree.root(leaves.subList(0, from)));
            }
        }
    }

    @Test
    void provesAnEntryByItsIdOnceAHeadCoversIt() {
        log.append(NODE, 1, 5);
        assertThat(log.log.prove(NODE + "-3")).isEqualTo(new Proved.NotYet());
        log.log.tend();

        assertThat(log.log.prove(NODE + "-3")).isInstanceOfSatisfying(Proved.Proof.class, proof -> {
            Inclusion inclusion = proof.inclusion();
            assertThat(inclusion.leafIndex()).isEqualTo(2);
            assertThat(TreeHash.leaf(requireNonNull(inclusion.leafData()))).isEqualTo(inclusion.leafHash());
            assertThat(hex(inclusion.path())).isEqualTo(hex(NaiveTree.inclusion(2, log.leaves())));
        });
        assertThat(log.log.prove(NODE + "-6")).isEqualTo(new Proved.Unknown());
        assertThat(log.log.prove("nonsense")).isEqualTo(new Proved.Unknown());
    }

    @Test
    void repeatedBatchesAddNoLeaf() {
        log.append(NODE, 1, 10);
        log.append(NODE, 1, 10);
        log.append(NODE, 5, 15);
        log.log.tend();

        assertThat(log.head().size()).isEqualTo(15);
    }

    @Test
    void indexesAreDenseWhenManyStoreAtOnce() throws Exception {
        log.log.tend();
        try (ExecutorService executor = Executors.newFixedThreadPool(6)) {
            List<Future<?>> running = new ArrayList<>();
            for (int worker = 0; worker < 6; worker++) {
                String node = "node-" + worker;
                running.add(executor.submit(() -> {
                    for (int batch = 0; batch < 12; batch++) {
                        log.append(node, 1 + batch * 10L, 10 + batch * 10L);
                    }
                }));
            }
            running.add(executor.submit(() -> {
                for (int round = 0; round < 12; round++) {
                    log.log.tend();
                }
            }));
            for (Future<?> done : running) {
                done.get();
            }
        }
        log.log.tend();

        List<byte[]> leaves = log.leaves();
        assertThat(leaves).hasSize(720);
        assertThat(log.head().root()).isEqualTo(NaiveTree.root(leaves));
    }

    @Test
    void goesOnWhereItWasAfterARestart() {
        log.append(NODE, 1, 300);
        log.log.tend();
        List<LogKey> keys = log.log.keys();
        reopen();
        log.append(NODE, 301, 700);
        log.log.tend();

        assertThat(log.head().root()).isEqualTo(NaiveTree.root(log.leaves()));
        assertThat(log.log.keys().getFirst().verifier())
                .isEqualTo(keys.getFirst().verifier());
        assertThat(log.log.health().healthy()).isTrue();
    }

    @Test
    void twoNodesWithTheSecretTakeTurnsAndOneWithoutFollows() throws IOException {
        log.append(NODE, 1, 3);
        log.log.tend();
        try (LogOnDisk follower = new LogOnDisk(location, elsewhere)) {
            follower.append(OTHER, 1, 4);
            follower.log.tend();
            assertThat(follower.head().size()).isEqualTo(3);
            assertThat(follower.log.health().healthy()).isTrue();
            assertThat(follower.log.health().detail()).contains("follows");
        }
        Files.copy(folder.resolve(SigningKeys.SECRET_FILE), elsewhere.resolve(SigningKeys.SECRET_FILE));
        try (LogOnDisk second = new LogOnDisk(location, elsewhere)) {
            second.log.tend();
            assertThat(second.head().size()).isEqualTo(7);
            second.append(OTHER, 5, 6);
        }
        log.log.tend();
        assertThat(log.head().size()).isEqualTo(9);
        assertThat(log.head().root()).isEqualTo(NaiveTree.root(log.leaves()));
    }

    @Test
    void refusesToSignWhenTheStoreWasSetBack() {
        log.append(NODE, 1, 8);
        log.log.tend();
        TreeHead before = log.head();
        log.append(NODE, 9, 12);
        log.log.tend();
        log.database.inTransaction(connection -> {
            TreeTables.storeHead(connection, before);
            TreeTables.grow(connection, 8);
            return before;
        });
        log.cutLeaves(8);
        reopen();
        log.log.tend();

        assertThat(log.log.head()).isEmpty();
        assertThat(log.log.health().healthy()).isFalse();
        assertThat(log.log.health().detail()).contains("set back");
        assertThat(log.metrics.get("audit.checkpoint.refused").gauge().value()).isEqualTo(1);
    }

    @Test
    void refusesToSignOverAnotherTree() {
        log.append(NODE, 1, 8);
        log.log.tend();
        CompactRange forged = new CompactRange();
        byte[] other = TreeHash.leaf(new byte[] {9});
        for (byte[] leaf : log.leaves()) {
            forged.append(forged.size() == 4 ? other : leaf, (level, index, hash) -> {});
        }
        log.forgeLeaf(4, other);
        log.database.inTransaction(connection -> {
            TreeTables.storeHead(
                    connection,
                    new TreeHead(8, forged.root(), forged.packed(), log.head().note(), 1));
            return forged;
        });
        log.append(NODE, 9, 9);
        log.log.tend();

        assertThat(log.log.health().detail()).contains("is not the one that was signed");
        assertThat(log.head().size()).isEqualTo(8);
    }

    @Test
    void refusesToSignPastAMissingLeaf() {
        log.append(NODE, 1, 8);
        log.log.tend();
        log.append(NODE, 9, 12);
        log.loseLeaf(9);
        log.log.tend();

        assertThat(log.log.health().detail()).contains("leaf 9 is missing");
        assertThat(log.head().size()).isEqualTo(8);
    }

    /** As a store of the version before has it: entries without leaves. */
    private void forgetTheLog() {
        log.execute("DELETE FROM audit_leaves");
        log.execute("UPDATE audit_tree SET size = 0, backfilled = FALSE WHERE id = 1");
    }

    @Test
    void takesInWhatWasStoredBeforeInItsOrderWhileNewEntriesCome() {
        for (int batch = 0; batch < 30; batch++) {
            log.append(NODE, 1 + batch * 60L, 60 + batch * 60L);
            log.time.advance(Duration.ofSeconds(1));
            log.append(OTHER, 11 + batch * 60L, 70 + batch * 60L);
            log.time.advance(Duration.ofSeconds(1));
        }
        forgetTheLog();
        assertThat(log.step()).isFalse();
        int first = log.leaves().size();
        assertThat(first).isBetween(1, 3_599);
        log.append(OTHER, 1, 10);
        assertThat(log.leaves()).as("a late entry does not wait for its turn").hasSize(first + 10);
        log.append(NODE, 1_801, 1_805);
        assertThat(log.leaves()).as("a new one does").hasSize(first + 10);
        reopen();
        log.log.tend();

        assertThat(log.head().size()).isEqualTo(3_615);
        assertThat(log.head().root()).isEqualTo(NaiveTree.root(log.leaves()));
        assertThat(log.order(NODE)).isSorted().hasSize(1_805);
        assertThat(log.index(OTHER, 11)).isBetween(60L, 120L);
        log.append(NODE, 1_806, 1_806);
        log.log.tend();
        assertThat(log.head().size()).isEqualTo(3_616);
    }

    @Test
    void saysHowFarItIs() {
        log.log.tend();
        log.append(NODE, 1, 3);
        log.append(NODE, 6, 6);
        log.time.advance(Duration.ofMillis(700));

        LogStatus status = log.log.status();

        assertThat(status.treeSize()).isEqualTo(4);
        assertThat(status.lagMillis()).isEqualTo(700);
        assertThat(status.nodes()).containsExactly(new LogStatus.Node(NODE, 6, 2));
        log.log.tend();
        assertThat(log.log.status().lagMillis()).isZero();
    }
}
