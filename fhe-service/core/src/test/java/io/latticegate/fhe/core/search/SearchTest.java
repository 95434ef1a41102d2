package io.latticegate.fhe.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.client.search.TopK;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.wire.CiphertextReader;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Encrypted scores against inner products of the given vectors. */
final class SearchTest {
    private static final long SEED = 20261121;
    private static final int BEST = 10;

    /** Scores are sums of thousands of independent terms: ten deviations are never seen. */
    private static final double DEVIATIONS = 10;

    @TempDir
    Path folder;

    private SearchFixture fixture(Preset preset, int rows, int dimension) throws IOException, InvalidRowsException {
        return new SearchFixture(preset, folder.resolve("index"), rows, dimension, SEED);
    }

    private static long[] residues(RnsBackend backend, Poly<?> poly) {
        long[] residues = new long[poly.base().words()];
        backend.download(poly, residues, 0);
        return residues;
    }

    @ParameterizedTest
    @CsvSource({
        "S12, 1500, 384, 1",
        "S12, 2500, 384, 3",
        "S12, 3000, 64, 8",
        "S12, 16500, 64, 3",
        "S12, 1, 1, 1",
        "S12, 700, 100, 8",
        "S13, 3000, 384, 8",
        "S13, 9000, 64, 1",
        "S14, 900, 64, 3"
    })
    void scoresAndBestRowsAreThoseOfAPlaintextScan(Preset preset, int rows, int dimension, int count)
            throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(preset, rows, dimension);
        List<float[]> vectors = fixture.vectors(count);
        List<Query> queries =
                vectors.stream().map(vector -> fixture.query(vector)).toList();
        List<List<Ciphertext>> replies = fixture.run(queries, fixture.party.backend);
        Packing packing = fixture.index.packing();
        double bound = Math.min(packing.errorMax(), DEVIATIONS * packing.errorDeviation());
        for (int i = 0; i < count; i++) {
            float[] vector = vectors.get(i);
            assertThat(replies.get(i)).hasSize(fixture.index.blocks());
            double[] scores = fixture.scores(replies.get(i));
            TopK exact = new TopK(BEST);
            for (int row = 0; row < rows; row++) {
                assertThat(scores[row]).as("row %s", row).isCloseTo(fixture.exact(vector, row), within(bound));
                exact.offer(row, fixture.exact(vector, row));
            }
            double worst = exact.best().getLast().score();
            List<TopK.Hit> best = fixture.best(replies.get(i), BEST);
            assertThat(best).hasSize(Math.min(BEST, rows));
            assertThat(best)
                    .allSatisfy(
                            hit -> assertThat(fixture.exact(vector, hit.row())).isGreaterThan(worst - 2 * bound));
        }
    }

    private static Offset<Double> within(double bound) {
        return Offset.offset(bound);
    }

    @Test
    void extremeVectorsStayWithinTheWorstCase() throws IOException, InvalidRowsException {
        int dimension = 64;
        float[][] rows = new float[700][dimension];
        for (int row = 0; row < rows.length; row++) {
            if (row % 2 == 0) {
                Arrays.fill(rows[row], 1.0009f / 8);
            } else {
                rows[row][row % dimension] = -1.0009f;
            }
        }
        SearchFixture fixture = new SearchFixture(Preset.S12, folder.resolve("index"), rows, SEED);
        double[] scores = fixture.scores(fixture.run(List.of(fixture.query(rows[0])), fixture.party.backend)
                .getFirst());
        for (int row = 0; row < rows.length; row++) {
            assertThat(scores[row])
                    .isCloseTo(
                            fixture.exact(rows[0], row),
                            within(fixture.index.packing().errorMax()));
        }
    }

    @Test
    void scalarAndVectorScansAreIdentical() throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(Preset.S12, 16500, 64);
        RnsBackend scalar = new CpuScalar();
        Path other = folder.resolve("scalar");
        new IndexWriter(Preset.S12, 16500, 64, scalar)
                .write(other, new ByteArrayInputStream(SearchFixture.bytes(fixture.rows)));
        assertThat(SearchIndex.open(other).digest()).isEqualTo(fixture.index.digest());
        List<Ciphertext> encrypted = fixture.encrypt(fixture.vectors(1).getFirst());
        Query byVectors = Query.of(fixture.index, encrypted, fixture.party.backend);
        Query byWords = Query.of(fixture.index, encrypted, scalar);
        List<Ciphertext> first =
                fixture.run(List.of(byVectors), fixture.party.backend).getFirst();
        List<Ciphertext> second = fixture.run(List.of(byWords), scalar).getFirst();
        assertThat(first).hasSize(17);
        for (int block = 0; block < first.size(); block++) {
            for (int part = 0; part < 2; part++) {
                assertThat(residues(scalar, first.get(block).parts().get(part)))
                        .isEqualTo(residues(scalar, second.get(block).parts().get(part)));
            }
        }
    }

    @Test
    void aPassAnswersEachQueryAsIfItWereAlone() throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(Preset.S12, 2000, 64);
        List<Query> queries =
                fixture.vectors(3).stream().map(vector -> fixture.query(vector)).toList();
        List<List<Ciphertext>> together = fixture.run(queries, fixture.party.backend);
        for (int i = 0; i < queries.size(); i++) {
            List<Ciphertext> alone =
                    fixture.run(List.of(queries.get(i)), fixture.party.backend).getFirst();
            for (int block = 0; block < alone.size(); block++) {
                assertThat(residues(
                                fixture.party.backend,
                                together.get(i).get(block).parts().getFirst()))
                        .isEqualTo(residues(
                                fixture.party.backend, alone.get(block).parts().getFirst()));
            }
        }
    }

    @Test
    void onlyCoefficientsOfRowsLeave() throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(Preset.S12, 1500, 64);
        RnsBackend backend = fixture.party.backend;
        Packing packing = fixture.index.packing();
        List<Ciphertext> reply = fixture.run(
                        List.of(fixture.query(fixture.vectors(1).getFirst())), backend)
                .getFirst();
        assertThat(packing.span()).isGreaterThan(1);
        for (int block = 0; block < reply.size(); block++) {
            Poly<Coeff> coefficients =
                    backend.allocate(reply.get(block).parts().getFirst().base());
            backend.toCoeff(reply.get(block).parts().getFirst(), coefficients);
            long[] values = residues(backend, coefficients);
            int rows = packing.rowsIn(block, fixture.index.rows());
            for (int row = 0; row < rows; row++) {
                assertThat(values[packing.position(row)]).isNotZero();
                values[packing.position(row)] = 0;
            }
            assertThat(values).containsOnly(0);
        }
    }

    @Test
    void queriesAndRepliesTravelAsSealContainers() throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(Preset.S13, 1500, 64);
        SealObjects objects = new SealObjects(fixture.party.parameters, fixture.party.backend);
        CiphertextReader reader = new CiphertextReader(objects.chain(), fixture.index.queryRules());
        float[] vector = fixture.vectors(1).getFirst();
        List<Ciphertext> received = new ArrayList<>();
        for (var piece : fixture.encoder.encrypt(vector)) {
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            SealWriter.write(objects.container(piece), sent, Compression.NONE);
            received.add(objects.ciphertext(reader.read(new ByteArrayInputStream(sent.toByteArray()))));
        }
        Query query = Query.of(fixture.index, received, fixture.party.backend);
        double[] scores = fixture.scores(
                fixture.run(List.of(query), fixture.party.backend).getFirst());
        assertThat(scores[7])
                .isCloseTo(
                        fixture.exact(vector, 7), within(fixture.index.packing().errorMax()));
    }

    @Test
    void queriesThatNobodyWaitsForDropOut() throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(Preset.S12, 16500, 64);
        List<Query> queries =
                fixture.vectors(2).stream().map(vector -> fixture.query(vector)).toList();
        int[] blocks = new int[2];
        new Search(fixture.index, fixture.party.backend).run(queries, new Replies() {
            @Override
            public void block(int query, int block, Ciphertext scores) {
                blocks[query]++;
            }

            @Override
            public boolean wanted(int query) {
                return query == 0 || blocks[1] < 5;
            }
        });
        assertThat(blocks).containsExactly(17, 5);
        new Search(fixture.index, fixture.party.backend).run(queries, new Replies() {
            @Override
            public void block(int query, int block, Ciphertext scores) {
                throw new AssertionError("nobody waits");
            }

            @Override
            public boolean wanted(int query) {
                return false;
            }
        });
    }

    @Test
    void refusesWhatDoesNotFitBeforeItScans() throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(Preset.S13, 2500, 384);
        SearchIndex index = fixture.index;
        RnsBackend backend = fixture.party.backend;
        List<Ciphertext> encrypted = fixture.encrypt(fixture.vectors(1).getFirst());
        assertThatThrownBy(() -> Query.of(index, encrypted.subList(1, encrypted.size()), backend))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "ciphertexts; this index takes " + index.packing().pieces());
        assertThatThrownBy(() -> Query.of(index, with(encrypted, fixture.party.encrypt(new double[1], 0)), backend))
                .hasMessageContaining("has scale")
                .hasMessageContaining("allowed is " + Packing.QUERY_SCALE);
        assertThatThrownBy(() -> Query.of(index, with(encrypted, fixture.party.encrypt(new double[1], 1)), backend))
                .hasMessageContaining("has level 1 and 2 polynomials; allowed are 0 and 2");
        SearchFixture other = new SearchFixture(Preset.S12, folder.resolve("other"), 100, 384, SEED);
        assertThatThrownBy(() -> Query.of(
                        index,
                        with(
                                encrypted,
                                other.encrypt(other.vectors(1).getFirst()).getFirst()),
                        backend))
                .hasMessageContaining("is of S12; allowed is S13");
        Query foreign = other.query(other.vectors(1).getFirst());
        Search search = new Search(index, backend);
        Replies none = (_, _, _) -> {
            throw new AssertionError("nothing was to be answered");
        };
        assertThatThrownBy(() -> search.run(List.of(foreign), none)).hasMessageContaining("another index");
        assertThatThrownBy(() -> search.run(List.of(), none)).hasMessageContaining("allowed are 1 to 16");
        Query own = Query.of(index, encrypted, backend);
        assertThatThrownBy(() -> search.run(Collections.nCopies(17, own), none))
                .hasMessageContaining("a pass of 17 queries; allowed are 1 to 16");
    }

    private static List<Ciphertext> with(List<Ciphertext> pieces, Ciphertext last) {
        List<Ciphertext> changed = new ArrayList<>(pieces);
        changed.set(changed.size() - 1, last);
        return changed;
    }

    @Test
    void clientsRefuseVectorsThatDoNotFit() throws IOException, InvalidRowsException {
        SearchFixture fixture = fixture(Preset.S12, 100, 64);
        assertThatThrownBy(() -> fixture.encoder.encrypt(new float[63]))
                .hasMessageContaining("a query of 63 components; the index has 64");
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1.01f}) {
            float[] vector = new float[64];
            vector[5] = bad;
            assertThatThrownBy(() -> fixture.encoder.encrypt(vector)).hasMessageContaining("a query of norm");
        }
        Ciphertext reply = fixture.run(List.of(fixture.query(fixture.vectors(1).getFirst())), fixture.party.backend)
                .getFirst()
                .getFirst();
        assertThatThrownBy(() -> fixture.decoder.decode(fixture.decoder.blocks(), reply))
                .hasMessageContaining("block " + fixture.decoder.blocks());
        assertThatThrownBy(() -> fixture.decoder.decode(0, fixture.party.encrypt(new double[1], 0)))
                .hasMessageContaining("and scale");
    }
}
