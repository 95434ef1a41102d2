package io.latticegate.fhe.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.search.IndexWriter;
import io.latticegate.fhe.core.search.InvalidRowsException;
import io.latticegate.fhe.core.search.Packing;
import io.latticegate.fhe.core.search.Query;
import io.latticegate.fhe.core.search.Replies;
import io.latticegate.fhe.core.search.Search;
import io.latticegate.fhe.core.search.SearchIndex;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A search gives the same ciphertexts on a device as on the processor, word for word. */
final class SearchOnDeviceTest {
    private static final long SEED = 20260105;

    @TempDir
    Path folder;

    private SearchIndex index(Preset preset, int rows, int dimension) throws IOException, InvalidRowsException {
        Random random = new Random(SEED);
        ByteBuffer bytes = ByteBuffer.allocate(rows * dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < rows * dimension; i++) {
            bytes.putFloat((float) (random.nextDouble(-1, 1) / Math.sqrt(dimension)));
        }
        Path file = folder.resolve("index-" + preset + "-" + rows);
        new IndexWriter(preset, rows, dimension, new CpuScalar()).write(file, new ByteArrayInputStream(bytes.array()));
        return SearchIndex.open(file);
    }

    private static Query query(SearchIndex index, RnsBackend backend, long seed) {
        RnsBase base = index.parameters().ring().data(0);
        Random random = new Random(seed);
        List<Ciphertext> pieces = new ArrayList<>();
        for (int piece = 0; piece < index.packing().pieces(); piece++) {
            Poly<Eval> body = backend.upload(base, RingCases.residues(base, random), 0);
            Poly<Eval> mask = backend.upload(base, RingCases.residues(base, random), 0);
            pieces.add(new Ciphertext(index.parameters(), Packing.QUERY_SCALE, List.of(body, mask)));
        }
        Query query = Query.of(index, pieces, backend);
        pieces.forEach(Ciphertext::close);
        return query;
    }

    /** The words of all replies by query and block, in the order of their arrival. */
    private static Map<String, long[]> replies(SearchIndex index, RnsBackend backend, int queries) {
        List<Query> all = new ArrayList<>();
        for (int i = 0; i < queries; i++) {
            all.add(query(index, backend, SEED + i));
        }
        Map<String, long[]> words = new TreeMap<>();
        new Search(index, backend).run(all, (query, block, scores) -> {
            for (int part = 0; part < 2; part++) {
                long[] residues = new long[scores.parts().get(part).base().words()];
                backend.download(scores.parts().get(part), residues, 0);
                words.put(query + "/" + block + "/" + part, residues);
            }
            scores.close();
        });
        return words;
    }

    @ParameterizedTest
    @CsvSource({
        "S12, 40, 300, true, 1",
        "S12, 2500, 384, true, 1",
        "S12, 2500, 384, false, 1",
        "S12, 2500, 384, true, 6",
        "S12, 700, 384, false, 16",
        "S13, 900, 100, true, 3"
    })
    void givesTheWordsOfTheProcessor(Preset preset, int rows, int dimension, boolean fastDoubles, int queries)
            throws IOException, InvalidRowsException {
        SearchIndex index = index(preset, rows, dimension);
        Map<String, long[]> expected = replies(index, new CpuScalar(), queries);
        try (GpuBackend device = new GpuBackend(
                new DeviceSlot(() -> new HostDevice(fastDoubles), 1L << 28, Form::of, System::nanoTime))) {
            Map<String, long[]> actual = replies(index, device, queries);
            assertThat(actual.keySet()).isEqualTo(expected.keySet()).hasSize(2 * queries * index.blocks());
            expected.forEach((name, words) -> assertThat(actual.get(name))
                    .as("block %s of %s", name, preset)
                    .isEqualTo(words));
            assertThat(device.status().residentBytes()).as("rows that stay").isPositive();
        }
    }

    @Test
    void aQueryThatNobodyWaitsForDropsOut() throws IOException, InvalidRowsException {
        SearchIndex index = index(Preset.S12, 2500, 384);
        try (GpuBackend device =
                new GpuBackend(new DeviceSlot(() -> new HostDevice(true), 1L << 28, Form::of, System::nanoTime))) {
            List<Query> queries = List.of(query(index, device, 1), query(index, device, 2));
            int[] blocks = new int[2];
            new Search(index, device).run(queries, new Replies() {
                @Override
                public void block(int query, int block, Ciphertext scores) {
                    blocks[query]++;
                    scores.close();
                }

                @Override
                public boolean wanted(int query) {
                    return query == 1 || blocks[0] < 3;
                }
            });
            assertThat(blocks).containsExactly(3, index.blocks());
        }
    }

    @Test
    void refusesShapesThatItDoesNotHave() {
        RnsBase base = Preset.S12.parameters().ring().data(0);
        RnsBase two = Preset.S13.parameters().ring().data(1);
        try (GpuBackend device =
                new GpuBackend(new DeviceSlot(() -> new HostDevice(true), 1L << 26, Form::of, System::nanoTime))) {
            assertThatThrownBy(() -> device.scan(two, 1, List.of(new double[2 * two.words()])))
                    .hasMessageContaining("allowed is one prime of 48 to 50 bits");
            assertThatThrownBy(() -> device.scan(base, 0, List.of(new double[0])))
                    .hasMessageContaining("of 0 pieces");
            assertThatThrownBy(() -> device.scan(base, 2, List.of(new double[7])))
                    .hasMessageContaining("a query of 56 bytes");
        }
    }
}
