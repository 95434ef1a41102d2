package io.latticegate.fhe.core.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Party;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.Preset;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScoreNoiseTest {
    private static final int USED = 3_000;
    private final SecureRandom random = new SecureRandom();

    private static SwitchingKey rotationKey(Party party) {
        int element = GaloisElements.rotation(party.parameters.degree(), 1);
        return party.galoisKeys(List.of(element)).require(element);
    }

    /** An encrypted vector times a plaintext one and rescaled, as scores come about; slots from USED on hold no score. */
    private static Ciphertext scores(Party party, double[] values) {
        double[] ones = new double[party.parameters.slots()];
        Arrays.fill(ones, 0, USED, 1);
        Ciphertext encrypted = party.encrypt(values, 1);
        return party.evaluator.rescale(
                party.evaluator.multiplyPlain(encrypted, party.encoder.encode(ones, 1, party.parameters.prime(1))));
    }

    private static double[] values(Party party) {
        Random seeded = new Random(11);
        return IntStream.range(0, party.parameters.slots())
                .mapToDouble(i -> 2 * seeded.nextDouble() - 1)
                .toArray();
    }

    @Test
    void everySlotOfTheDecryptionHasTheStatedNoiseAndNothingElse() {
        Party party = new Party(Preset.S13);
        double[] values = values(party);
        Ciphertext scores = scores(party, values);
        Encoder.Slots exact = party.decrypt(scores);
        PrivacyTerms terms = new PrivacyTerms(100_000, 10_000_000, 1e-5, PrivacyTerms.Composition.SUM);
        double sigma = terms.sigma(ScoreNoise.replacedRow(party.parameters, 384, 0x1p50, scores.scale()));
        ScoreNoise noise = new ScoreNoise(party.parameters, party.backend, sigma, random);
        Encoder.Slots released = party.decrypt(noise.release(scores, ZeroEncryptionKey.of(rotationKey(party))));
        int slots = party.parameters.slots();
        double[] residuals = new double[2 * slots];
        double[] unused = new double[2 * (slots - USED)];
        for (int i = 0; i < slots; i++) {
            double expected = i < USED ? values[i] : 0;
            assertThat(exact.real()[i]).isCloseTo(expected, within(0x1p-14));
            residuals[2 * i] = released.real()[i] - expected;
            residuals[2 * i + 1] = released.imaginary()[i];
            if (i >= USED) {
                unused[2 * (i - USED)] = released.real()[i];
                unused[2 * (i - USED) + 1] = released.imaginary()[i];
            }
        }
        assertThat(sigma).isBetween(88.0, 90.0);
        assertThat(NormalLaw.kolmogorov(residuals, sigma)).as("all slots").isLessThan(NormalLaw.KOLMOGOROV_MAX);
        assertThat(NormalLaw.excessOfVariance(residuals, sigma)).isBetween(-5.5, 5.5);
        assertThat(NormalLaw.kolmogorov(unused, sigma)).as("unused slots").isLessThan(NormalLaw.KOLMOGOROV_MAX);
        assertThat(NormalLaw.excessOfVariance(unused, sigma)).isBetween(-5.5, 5.5);
    }

    /** With the least noise that is allowed, what the encryption of zero adds shows: it is small, so it was one. */
    @ParameterizedTest
    @EnumSource(names = {"S13", "S14"})
    void theFreshMaskAddsNextToNothing(Preset preset) {
        Party party = new Party(preset);
        double[] values = values(party);
        Ciphertext scores = scores(party, values);
        double degree = party.parameters.degree();
        double sigma = degree * Math.sqrt(degree / 2) / scores.scale() * 1.001;
        ScoreNoise noise = new ScoreNoise(party.parameters, party.backend, sigma, random);
        List<ZeroEncryptionKey> keys = List.of(
                ZeroEncryptionKey.of(rotationKey(party)),
                ZeroEncryptionKey.of(party.relinearisationKey()),
                ZeroEncryptionKey.of(party.generator.publicKey(party.secret)));
        Encoder.Slots exact = party.decrypt(scores);
        for (ZeroEncryptionKey key : keys) {
            Encoder.Slots released = party.decrypt(noise.release(scores, key));
            double[] residuals = IntStream.range(0, party.parameters.slots())
                    .mapToDouble(i -> released.real()[i] - exact.real()[i])
                    .toArray();
            assertThat(NormalLaw.kolmogorov(residuals, sigma)).isLessThan(NormalLaw.KOLMOGOROV_MAX);
        }
    }

    /** The second polynomial tells as much of rows as the first: both are new at every release, and look uniform. */
    @Test
    void nothingOfTheScoresOwnPolynomialsIsReleased() {
        Party party = new Party(Preset.S13);
        Ciphertext scores = scores(party, values(party));
        ScoreNoise noise = new ScoreNoise(party.parameters, party.backend, 1, random);
        ZeroEncryptionKey key = ZeroEncryptionKey.of(rotationKey(party));
        Ciphertext first = noise.release(scores, key);
        Ciphertext second = noise.release(scores, key);
        long q = party.parameters.ring().data(0).modulus(0).value();
        for (int part = 0; part < 2; part++) {
            long[] before = words(party, scores, part);
            long[] one = words(party, first, part);
            long[] other = words(party, second, part);
            int equal = 0;
            double[] shares = new double[one.length];
            for (int i = 0; i < one.length; i++) {
                equal += (one[i] == before[i] ? 1 : 0) + (one[i] == other[i] ? 1 : 0);
                shares[i] = (double) Math.floorMod(one[i] - before[i], q) / q;
            }
            assertThat(equal).as("polynomial %s", part).isZero();
            assertThat(uniformity(shares)).as("polynomial %s", part).isLessThan(NormalLaw.KOLMOGOROV_MAX);
        }
    }

    private static long[] words(Party party, Ciphertext ciphertext, int part) {
        long[] words = new long[party.parameters.degree()];
        party.backend.download(ciphertext.parts().get(part), words, 0);
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

    @Test
    void roundingHardlyAddsToTheSensitivity() {
        var s13 = Preset.S13.parameters();
        assertThat(ScoreNoise.replacedRow(s13, 384, 0x1p50, 0x1p40)).isBetween(2.002, 2.0022);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Party party = new Party(Preset.S13);
        Ciphertext scores = scores(party, values(party));
        Ciphertext top = party.encrypt(values(party), 1);
        ZeroEncryptionKey key = ZeroEncryptionKey.of(rotationKey(party));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScoreNoise(party.parameters, party.backend, 10_000, random).release(scores, key))
                .withMessageContaining("A larger epsilon or a smaller scale makes room");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScoreNoise(party.parameters, party.backend, 1e-9, random).release(scores, key))
                .withMessageContaining("allowed is at least N");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScoreNoise(party.parameters, party.backend, 1, random).release(top, key))
                .withMessageContaining("scores at level 1; the key's encryptions of zero serve up to 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScoreNoise(party.parameters, party.backend, Double.NaN, random));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ZeroEncryptionKey.of(new Party(Preset.S12).relinearisationKey()))
                .withMessageContaining("have one digit");
    }
}
