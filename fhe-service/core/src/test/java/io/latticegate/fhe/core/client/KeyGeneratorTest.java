package io.latticegate.fhe.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.Xof;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KeyGeneratorTest {
    private final RnsBackend backend = new CpuVector();
    private final CkksParameters parameters = Preset.S13.parameters();

    private static MasterSeed seed(int value) {
        byte[] bytes = new byte[MasterSeed.BYTES];
        Arrays.fill(bytes, (byte) value);
        return new MasterSeed(bytes);
    }

    private KeyGenerator generator(int seed, int epoch) {
        return new KeyGenerator(parameters, backend, seed(seed), epoch);
    }

    private long[] residues(Poly<?> poly) {
        long[] residues = new long[poly.base().words()];
        backend.download(poly, residues, 0);
        return residues;
    }

    /** The coefficients of a small polynomial, which have to agree modulo all primes. */
    private long[] small(Poly<Eval> values) {
        RnsBase base = values.base();
        Poly<Coeff> coefficients = backend.allocate(base);
        backend.toCoeff(values, coefficients);
        long[] residues = residues(coefficients);
        int degree = base.ring().degree();
        long[] integers = new long[degree];
        for (int k = 0; k < degree; k++) {
            for (int i = 0; i < base.size(); i++) {
                long q = base.modulus(i).value();
                long residue = residues[i * degree + k];
                long centred = residue > q / 2 ? residue - q : residue;
                assertThat(i == 0 || centred == integers[k]).isTrue();
                integers[k] = centred;
            }
        }
        return integers;
    }

    @Test
    void theSameSeedParametersAndEpochGiveTheSameKeys() {
        SecretKey first = generator(1, 0).secretKey();
        assertThat(residues(generator(1, 0).secretKey().poly())).isEqualTo(residues(first.poly()));
        assertThat(residues(generator(1, 1).secretKey().poly())).isNotEqualTo(residues(first.poly()));
        assertThat(residues(generator(2, 0).secretKey().poly())).isNotEqualTo(residues(first.poly()));
        SeededSwitchingKey key = generator(1, 0).galoisKey(first, 3);
        SeededSwitchingKey again = generator(1, 0).galoisKey(first, 3);
        assertThat(residues(again.digits().get(1).body()))
                .isEqualTo(residues(key.digits().get(1).body()));
    }

    @Test
    void everyEncryptionOfZeroHasAMaskOfItsOwn() {
        KeyGenerator generator = generator(1, 0);
        SecretKey secret = generator.secretKey();
        Set<PublicSeed> seeds = new HashSet<>();
        int count = 1;
        seeds.add(generator.publicKey(secret).seed());
        for (int element : new int[] {3, 9, 2 * parameters.degree() - 1}) {
            for (SeededSwitchingKey.Digit digit :
                    generator.galoisKey(secret, element).digits()) {
                seeds.add(digit.seed());
                count++;
            }
        }
        for (SeededSwitchingKey.Digit digit :
                generator.relinearisationKey(secret).digits()) {
            seeds.add(digit.seed());
            count++;
        }
        assertThat(seeds).hasSize(count);
        Encryptor encryptor = new Encryptor(parameters, backend, new SecureRandom());
        var plain = new Encoder(parameters, backend).encodeConstant(0, 0, 1);
        assertThat(encryptor.encrypt(plain, secret).seed())
                .isNotEqualTo(encryptor.encrypt(plain, secret).seed());
    }

    @Test
    void twoSecretsNeverShareAMask() {
        KeyGenerator generator = generator(1, 0);
        SecretKey own = generator.secretKey();
        SecretKey other = generator(2, 0).secretKey();
        assertThat(generator.publicKey(other).seed())
                .isNotEqualTo(generator.publicKey(own).seed());
        assertThat(generator.relinearisationKey(other).digits().getFirst().seed())
                .isNotEqualTo(
                        generator.relinearisationKey(own).digits().getFirst().seed());
    }

    @Test
    void theSecretIsTernaryAndItsValuesEquallyFrequent() {
        long[] secret = small(generator(3, 0).secretKey().poly());
        int[] counts = new int[3];
        for (long coefficient : secret) {
            assertThat(coefficient).isBetween(-1L, 1L);
            counts[(int) coefficient + 1]++;
        }
        double expected = secret.length / 3.0;
        double chiSquared = 0;
        for (int count : counts) {
            chiSquared += (count - expected) * (count - expected) / expected;
        }
        assertThat(chiSquared).isLessThan(20);
    }

    @Test
    void noiseIsCentredBinomialOf21Pairs() {
        int degree = 32768;
        double sum = 0;
        double squares = 0;
        int greatest = 0;
        try (SeedStream random = seed(4).privateStream("noise");
                SmallPolynomial noise = SmallPolynomial.noise(degree, random)) {
            for (int i = 0; i < degree; i++) {
                sum += noise.coefficient(i);
                squares += (double) noise.coefficient(i) * noise.coefficient(i);
                greatest = Math.max(greatest, Math.abs(noise.coefficient(i)));
            }
        }
        assertThat(sum / degree).isBetween(-0.1, 0.1);
        assertThat(squares / degree).isBetween(10.1, 10.9);
        assertThat(greatest).isBetween(10, 21);
    }

    /** Bytes of SEAL's draw: the top three bits of the third and sixth do not count. */
    @Test
    void noiseIsDrawnAsSealDrawsIt() {
        byte[] bytes = new byte[64];
        Arrays.fill(bytes, (byte) 7);
        byte[] stream = new byte[6 * 1024];
        new SeedStream(Xof.BLAKE2XB, bytes).nextBytes(stream, 0, stream.length);
        SmallPolynomial noise = SmallPolynomial.noise(1024, new SeedStream(Xof.BLAKE2XB, bytes));
        for (int i = 0; i < 1024; i++) {
            int plus = 0;
            int minus = 0;
            for (int bit = 0; bit < 21; bit++) {
                plus += stream[6 * i + bit / 8] >> (bit % 8) & 1;
                minus += stream[6 * i + 3 + bit / 8] >> (bit % 8) & 1;
            }
            assertThat(noise.coefficient(i)).isEqualTo(plus - minus);
        }
    }

    @Test
    void keysHoldOnlyNoiseAboveWhatTheyEncrypt() {
        KeyGenerator generator = generator(5, 0);
        SecretKey secret = generator.secretKey();
        var key = generator.publicKey(secret);
        Poly<Eval> noise = backend.allocate(key.body().base());
        backend.copy(key.body(), noise);
        backend.multiplyAdd(key.mask(), secret.poly(), noise);
        assertThat(Arrays.stream(small(noise)).map(Math::abs).max().orElseThrow())
                .isLessThanOrEqualTo(21);
    }

    @Test
    void whatIsDestroyedIsOverwrittenAndRefused() {
        MasterSeed seed = seed(6);
        KeyGenerator generator = new KeyGenerator(parameters, backend, seed, 0);
        SecretKey secret = generator.secretKey();
        Decryptor decryptor = new Decryptor(parameters, backend, secret);
        Encryptor encryptor = new Encryptor(parameters, backend, new SecureRandom());
        var plain = new Encoder(parameters, backend).encodeConstant(1, 0, 1024);
        var ciphertext = encryptor.encrypt(plain, secret).expand(backend);
        secret.destroy();
        assertThat(secret.isDestroyed()).isTrue();
        assertThatThrownBy(secret::poly).hasMessageContaining("destroyed");
        assertThatThrownBy(() -> decryptor.decrypt(ciphertext)).isInstanceOf(IllegalStateException.class);
        seed.destroy();
        assertThat(seed.isDestroyed()).isTrue();
        assertThatThrownBy(generator::secretKey).hasMessageContaining("destroyed");
    }

    @Test
    void secretsDoNotPrintThemselves() {
        assertThat(seed(9)).hasToString("MasterSeed(****)");
        assertThat(generator(9, 0).secretKey()).hasToString("SecretKey(S13, ****)");
        assertThatThrownBy(() -> new MasterSeed(new byte[63])).hasMessageContaining("allowed are 64");
    }

    @Test
    void refusesKeysOfOtherParameters() {
        SecretKey foreign = new KeyGenerator(Preset.S12.parameters(), backend, seed(1), 0).secretKey();
        assertThatThrownBy(() -> generator(1, 0).publicKey(foreign)).hasMessageContaining("S12 for a generator of S13");
        assertThatThrownBy(() -> new Decryptor(parameters, backend, foreign)).hasMessageContaining("S12");
        var plain = new Encoder(parameters, backend).encodeConstant(0, 0, 1);
        Encryptor encryptor = new Encryptor(parameters, backend, new SecureRandom());
        assertThatThrownBy(() -> encryptor.encrypt(plain, foreign)).hasMessageContaining("S12");
    }
}
