package io.latticegate.fhe.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.client.search.QueryEncoder;
import io.latticegate.fhe.core.client.search.ScoreDecoder;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.privacy.DiscreteGaussian;
import io.latticegate.fhe.core.privacy.NormalLaw;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.privacy.PrivacyTerms.Composition;
import io.latticegate.fhe.core.privacy.ScoreNoise;
import io.latticegate.fhe.core.privacy.ZeroEncryptionKey;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a reader decrypts, and what it sees beside that. */
final class NoisyScoresTest {
    private static final long SEED = 31;
    private static final int ROWS = 2_000;
    private static final int DIMENSION = 64;
    private static final PrivacyTerms DEFAULTS = new PrivacyTerms(100_000, 10_000_000, 1e-5, Composition.SUM);

    @TempDir
    Path folder;

    private final SecureRandom random = new SecureRandom();

    /** A reader of an index whose owner is somebody else. */
    private final class Reader {
        final SearchFixture fixture;
        final NoisyScores scores;
        final ScoreNoise noise;
        final RnsBackend backend;
        final ScoreDecoder decoder;
        private final QueryEncoder encoder;

        Reader(Preset preset, NoisyScores given) throws IOException, InvalidRowsException {
            this.fixture = new SearchFixture(preset, folder.resolve("index"), ROWS, DIMENSION, SEED);
            this.backend = fixture.party.backend;
            Packing packing = fixture.index.packing();
            this.scores = given;
            this.noise = new ScoreNoise(
                    ZeroEncryptionKey.of(fixture.party.generator.publicKey(fixture.party.secret)),
                    scores.noise(),
                    backend,
                    random);
            this.encoder = new QueryEncoder(
                    fixture.party.parameters,
                    backend,
                    packing,
                    fixture.party.encryptor,
                    fixture.party.secret,
                    scores.queryScale());
            this.decoder = new ScoreDecoder(
                    fixture.party.parameters, backend, packing, ROWS, fixture.party.decryptor, scores.queryScale());
        }

        List<Ciphertext> encrypt(float[] vector) {
            return encoder.encrypt(vector).stream()
                    .map(piece -> piece.expand(backend))
                    .toList();
        }

        List<Ciphertext> search(List<Ciphertext> encrypted) {
            Query query = Query.of(fixture.index, encrypted, scores, noise, backend);
            return fixture.run(List.of(query), backend).getFirst();
        }

        double[] residuals(float[] vector, List<Ciphertext> reply) {
            double[] residuals = new double[ROWS];
            for (int block = 0; block < reply.size(); block++) {
                double[] decoded = decoder.decode(block, reply.get(block));
                for (int row = 0; row < decoded.length; row++) {
                    int place = decoder.firstRow(block) + row;
                    residuals[place] = decoded[row] - fixture.exact(vector, place);
                }
            }
            return residuals;
        }
    }

    private static Packing packing(Preset preset) {
        return Packing.of(preset.parameters().degree(), ROWS, DIMENSION);
    }

    private static Modulus prime(Preset preset) {
        return preset.parameters().ring().data(0).modulus(0);
    }

    private static NoisyScores defaults(Preset preset) {
        return NoisyScores.of(packing(preset), prime(preset), DEFAULTS);
    }

    @ParameterizedTest
    @EnumSource(names = {"S12", "S13"})
    void everyScoreHasTheStatedNoiseAndNothingElse(Preset preset) throws IOException, InvalidRowsException {
        Reader reader = new Reader(preset, defaults(preset));
        double[] all = new double[4 * ROWS];
        for (int i = 0; i < 4; i++) {
            float[] vector = reader.fixture.vectors(1).getFirst();
            double[] residuals = reader.residuals(vector, reader.search(reader.encrypt(vector)));
            System.arraycopy(residuals, 0, all, i * ROWS, ROWS);
        }
        double sigma = reader.scores.sigma();
        assertThat(sigma).isBetween(88.0, 92.0);
        assertThat(NormalLaw.kolmogorov(all, sigma)).isLessThan(NormalLaw.KOLMOGOROV_MAX);
        assertThat(NormalLaw.excessOfVariance(all, sigma)).isBetween(-5.5, 5.5);
    }

    /** With the least noise that is allowed, what the encryption of zero adds would show: it is small, so it was one. */
    @Test
    void theEncryptionOfZeroAddsNextToNothing() throws IOException, InvalidRowsException {
        int degree = Preset.S12.parameters().degree();
        double sigma = degree / Packing.SCORE_SCALE;
        Reader reader =
                new Reader(Preset.S12, new NoisyScores(Packing.QUERY_SCALE, sigma, new DiscreteGaussian(degree)));
        float[] vector = reader.fixture.vectors(1).getFirst();
        List<Ciphertext> encrypted = reader.encrypt(vector);
        Query exact = Query.of(reader.fixture.index, encrypted, reader.backend);
        double[] without = reader.residuals(
                vector, reader.fixture.run(List.of(exact), reader.backend).getFirst());
        double[] with = reader.residuals(vector, reader.search(encrypted));
        for (int row = 0; row < ROWS; row++) {
            with[row] -= without[row];
        }
        assertThat(NormalLaw.kolmogorov(with, sigma)).isLessThan(NormalLaw.KOLMOGOROV_MAX);
    }

    @Test
    void nothingOfTheReplysOwnPolynomialsIsReleased() throws IOException, InvalidRowsException {
        Reader reader = new Reader(Preset.S12, defaults(Preset.S12));
        Packing packing = reader.fixture.index.packing();
        List<Ciphertext> encrypted = reader.encrypt(reader.fixture.vectors(1).getFirst());
        Query bare = Query.of(
                reader.fixture.index,
                reader.fixture.encrypt(reader.fixture.vectors(1).getFirst()),
                reader.backend);
        List<Ciphertext> first = reader.search(encrypted);
        List<Ciphertext> second = reader.search(encrypted);
        assertThat(reader.fixture.run(List.of(bare), reader.backend).getFirst()).hasSameSizeAs(first);
        double[] shares = new double[first.size() * packing.degree()];
        long q = prime(Preset.S12).value();
        for (int block = 0; block < first.size(); block++) {
            long[] one = words(reader, first.get(block), 1);
            long[] other = words(reader, second.get(block), 1);
            for (int i = 0; i < one.length; i++) {
                shares[block * packing.degree() + i] = (double) Math.floorMod(one[i] - other[i], q) / q;
            }
            long[] coefficients = coefficients(reader, first.get(block));
            for (int position : packing.positions(packing.rowsIn(block, ROWS))) {
                assertThat(coefficients[position]).isNotZero();
                coefficients[position] = 0;
            }
            assertThat(coefficients).as("coefficients of no row").containsOnly(0);
        }
        assertThat(uniformity(shares)).isLessThan(NormalLaw.KOLMOGOROV_MAX);
    }

    private static long[] words(Reader reader, Ciphertext ciphertext, int part) {
        long[] words = new long[ciphertext.parts().get(part).base().words()];
        reader.backend.download(ciphertext.parts().get(part), words, 0);
        return words;
    }

    private static long[] coefficients(Reader reader, Ciphertext ciphertext) {
        long[] words = new long[ciphertext.parts().getFirst().base().words()];
        try (Poly<Coeff> coefficients =
                reader.backend.allocate(ciphertext.parts().getFirst().base())) {
            reader.backend.toCoeff(ciphertext.parts().getFirst(), coefficients);
            reader.backend.download(coefficients, words, 0);
        }
        return words;
    }

    private static double uniformity(double[] shares) {
        double[] sorted = shares.clone();
        Arrays.sort(sorted);
        double distance = 0;
        for (int i = 0; i < sorted.length; i++) {
            distance = Math.max(distance, Math.abs(sorted[i] - (i + 0.5) / sorted.length));
        }
        return distance * Math.sqrt(sorted.length);
    }

    /** The largest change that a row can make, made: two opposite rows, and a query along them with all noise against it. */
    @Test
    void noRowMovesScoresByMoreThanTheSensitivity() {
        for (double scale : List.of(0x1p28, 0x1p18, 0x1p12)) {
            Packing packing = new Packing(64, 16, 4);
            double component = 1.001 / 4;
            double change = 2 * (Math.rint(component * Packing.ROW_SCALE) + 0.5);
            double noisy = Math.rint(component * scale) + 21;
            double own = packing.dimension() * change * noisy;
            double other = packing.dimension() * change * 21;
            double moved = Math.sqrt(own * own + (packing.rowsPerBlock() - 1) * other * other);
            double bound = packing.replacedRow(scale) * scale * Packing.ROW_SCALE;
            assertThat(bound).isBetween(moved * 0.999, moved * 1.001);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 10, 18, 89.1",
        "1, 10, 21, 9.07",
        "1, 1, 21, 8.11",
        "10, 100, 24, 1.14",
        "100, 100, 26, 0.1952",
        "1000, 1000, 28, 0.0498",
    })
    void theScaleOfQueriesMakesRoomForNoise(double epsilon, double budget, int queryBits, double sigma) {
        PrivacyTerms terms =
                new PrivacyTerms(Math.round(epsilon * 1e6), Math.round(budget * 1e6), 1e-5, Composition.SUM);
        NoisyScores scores = NoisyScores.of(Packing.of(4096, 100_000, 384), prime(Preset.S12), terms);
        assertThat(scores.queryScale()).isEqualTo(Math.scalb(1.0, queryBits));
        assertThat(scores.sigma()).isBetween(sigma * 0.99, sigma * 1.01);
        assertThat(scores.noise().sigma()).isGreaterThan(4096);
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException, InvalidRowsException {
        PrivacyTerms tiny = new PrivacyTerms(1_000, 10_000_000, 1e-5, Composition.SUM);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NoisyScores.of(Packing.of(4096, 10_000_000, 384), prime(Preset.S12), tiny))
                .withMessageContaining("allowed are a larger epsilon_per_query");
        Reader reader = new Reader(Preset.S12, defaults(Preset.S12));
        List<Ciphertext> exact =
                reader.fixture.encrypt(reader.fixture.vectors(1).getFirst());
        assertThatThrownBy(() -> reader.search(exact)).hasMessageContaining("scale 2.68435456E8; allowed is");
        assertThatThrownBy(() -> reader.search(new ArrayList<>())).hasMessageContaining("a query of 0 ciphertexts");
        ZeroEncryptionKey key =
                ZeroEncryptionKey.of(reader.fixture.party.generator.publicKey(reader.fixture.party.secret));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScoreNoise(key, new DiscreteGaussian(4095), reader.backend, random))
                .withMessageContaining("allowed is at least N = 4096");
    }
}
