package io.latticegate.admin.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree with three levels of tiles. */
class LargeTreeTest {
    private static final int SIZE = 70_000;

    @TempDir
    private Path folder;

    @Test
    void provesAndServesAcrossThreeLevelsOfTiles() {
        try (LogOnDisk log = LogOnDisk.sqlite(folder)) {
            log.log.tend();
            List<byte[]> leaves = new ArrayList<>();
            List<LeafBatch.Leaf> batch = new ArrayList<>();
            for (int at = 0; at < SIZE; at++) {
                byte[] hash = TreeHash.leaf(ByteBuffer.allocate(4).putInt(at).array());
                leaves.add(hash);
                batch.add(new LeafBatch.Leaf(LogOnDisk.NODE, at + 1L, hash));
            }
            log.database.inTransaction(connection -> {
                LeafBatch.append(connection, 0, batch);
                return batch;
            });
            log.log.tend();

            assertThat(log.head().size()).isEqualTo(SIZE);
            assertThat(log.head().root()).isEqualTo(NaiveTree.root(leaves));
            for (int index : new int[] {0, 255, 256, 65_535, 65_536, 69_887, 69_888, SIZE - 1}) {
                List<byte[]> path = log.database.read(connection -> new TreeReader(connection).inclusion(index, SIZE));
                assertThat(hex(path)).as("leaf %d", index).isEqualTo(hex(NaiveTree.inclusion(index, leaves)));
            }
            for (int from : new int[] {1, 256, 300, 65_536, 65_537, 69_999, SIZE}) {
                assertThat(hex(log.log.consistency(from, SIZE).path()))
                        .as("from %d", from)
                        .isEqualTo(hex(NaiveTree.consistency(from, leaves)));
            }
            assertThat(log.log.tile(new TilePath(2, 0, 1)).orElseThrow())
                    .isEqualTo(NaiveTree.root(leaves.subList(0, 65_536)));
            assertThat(log.log.tile(new TilePath(1, 1, 17)).orElseThrow())
                    .startsWith(NaiveTree.root(leaves.subList(65_536, 65_792)));
            assertThat(log.log.tile(new TilePath(0, 273, 112))).isPresent();
            assertThat(log.log.tile(new TilePath(0, 273, 113))).isEmpty();
            assertThat(log.log.tile(new TilePath(1, 1, 18))).isEmpty();
            assertThat(log.log.tile(new TilePath(63, 0, 1))).isEmpty();
        }
    }

    private static List<String> hex(List<byte[]> hashes) {
        return hashes.stream().map(HexFormat.of()::formatHex).toList();
    }
}
