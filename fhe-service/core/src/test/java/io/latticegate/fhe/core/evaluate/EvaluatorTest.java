package io.latticegate.fhe.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.encode.Encoder.Slots;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.Preset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation against the same operation on plain vectors, with the worst-case bounds of docs/fhe.md. */
final class EvaluatorTest {
    private static final long SEED = 20260106;

    private final Random random = new Random(SEED);

    private double[] vector(Party party) {
        return random.doubles(party.parameters.slots(), -1, 1).toArray();
    }

    private static void assertSlots(
            Slots actual, IntToDoubleFunction real, IntToDoubleFunction imaginary, double bound) {
        for (int i = 0; i < actual.real().length; i++) {
            assertThat(Math.abs(actual.real()[i] - real.applyAsDouble(i)))
                    .as("slot %s", i)
                    .isLessThan(bound);
            assertThat(Math.abs(actual.imaginary()[i] - imaginary.applyAsDouble(i)))
                    .as("slot %s", i)
                    .isLessThan(bound);
        }
    }

    private static void assertReal(Slots actual, IntToDoubleFunction real, double bound) {
        assertSlots(actual, real, _ -> 0, bound);
    }

    @ParameterizedTest
    @EnumSource
    void encryptsWithSecretAndPublicKeys(Preset preset) {
        Party party = new Party(preset);
        NoiseBound noise = new NoiseBound(party.parameters, party.scale);
        double[] v = vector(party);
        for (int level : new int[] {0, party.parameters.topLevel()}) {
            assertReal(party.decrypt(party.encrypt(v, level)), i -> v[i], noise.fresh());
            Plaintext plain = party.encoder.encode(v, level, party.scale);
            Ciphertext shared = party.encryptor.encrypt(plain, party.generator.publicKey(party.secret));
            double bound = preset == Preset.S12 ? 0x1p20 : noise.freshPublic();
            assertReal(party.decrypt(shared), i -> v[i], Math.min(bound, 0x1p-6));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"S13", "S14"})
    void addsSubtractsAndNegates(Preset preset) {
        Party party = new Party(preset);
        Evaluator evaluator = party.evaluator;
        double bound = 2 * new NoiseBound(party.parameters, party.scale).fresh();
        double[] v = vector(party);
        double[] w = vector(party);
        int top = party.parameters.topLevel();
        Ciphertext a = party.encrypt(v, w, top);
        Ciphertext b = party.encrypt(w, v, top);
        assertSlots(party.decrypt(evaluator.add(a, b)), i -> v[i] + w[i], i -> v[i] + w[i], bound);
        assertSlots(party.decrypt(evaluator.subtract(a, b)), i -> v[i] - w[i], i -> w[i] - v[i], bound);
        assertSlots(party.decrypt(evaluator.negate(a)), i -> -v[i], i -> -w[i], bound);
        Plaintext plain = party.encoder.encode(w, top, party.scale);
        assertSlots(party.decrypt(evaluator.addPlain(a, plain)), i -> v[i] + w[i], i -> w[i], bound);
        assertSlots(party.decrypt(evaluator.subtractPlain(a, plain)), i -> v[i] - w[i], i -> w[i], bound);
        Ciphertext product = evaluator.multiply(a, b);
        Ciphertext sum = evaluator.subtract(product, product);
        assertThat(sum.parts()).hasSize(3);
        assertReal(party.decrypt(sum), _ -> 0, 0x1p-40);
    }

    @ParameterizedTest
    @EnumSource(names = {"S13", "S14", "S15"})
    void multipliesRelinearisesAndRescales(Preset preset) {
        Party party = new Party(preset);
        Evaluator evaluator = party.evaluator;
        NoiseBound noise = new NoiseBound(party.parameters, party.scale);
        double[] v = vector(party);
        double[] w = vector(party);
        int top = party.parameters.topLevel();
        Ciphertext a = party.encrypt(v, top);
        Ciphertext b = party.encrypt(w, top);
        Ciphertext product = evaluator.multiply(a, b);
        double raw = 2 * noise.fresh() + noise.fresh() * noise.fresh();
        assertReal(party.decrypt(product), i -> v[i] * w[i], raw);
        Ciphertext relinearised = evaluator.relinearise(product, party.relinearisationKey());
        assertThat(relinearised.parts()).hasSize(2);
        double switched = raw + noise.switched(top) / product.scale();
        assertReal(party.decrypt(relinearised), i -> v[i] * w[i], switched);
        Ciphertext rescaled = evaluator.rescale(relinearised);
        assertThat(rescaled.level()).isEqualTo(top - 1);
        assertThat(rescaled.scale()).isEqualTo(party.scale * party.scale / party.parameters.prime(top));
        assertReal(party.decrypt(rescaled), i -> v[i] * w[i], switched + noise.rescaled() / rescaled.scale());
    }

    @ParameterizedTest
    @EnumSource(names = {"S13", "S14"})
    void multipliesByPlaintexts(Preset preset) {
        Party party = new Party(preset);
        NoiseBound noise = new NoiseBound(party.parameters, party.scale);
        double[] v = vector(party);
        double[] w = vector(party);
        int top = party.parameters.topLevel();
        double factorScale = party.parameters.prime(top);
        Ciphertext a = party.encrypt(v, top);
        Plaintext plain = party.encoder.encode(w, top, factorScale);
        Ciphertext product = party.evaluator.multiplyPlain(a, plain);
        Ciphertext rescaled = party.evaluator.rescale(product);
        assertThat(rescaled.scale()).isEqualTo(party.scale);
        double bound = 2 * noise.fresh() + noise.rescaled() / party.scale;
        assertReal(party.decrypt(rescaled), i -> v[i] * w[i], bound);
        Ciphertext sum = party.evaluator.multiplyPlainSum(List.of(a, a), List.of(plain, plain));
        assertReal(party.decrypt(sum), i -> 2 * v[i] * w[i], 4 * noise.fresh());
    }

    @ParameterizedTest
    @EnumSource(names = {"S13", "S14", "S15"})
    void rotatesAndConjugates(Preset preset) {
        Party party = new Party(preset);
        NoiseBound noise = new NoiseBound(party.parameters, party.scale);
        int slots = party.parameters.slots();
        int degree = party.parameters.degree();
        double[] v = vector(party);
        double[] w = vector(party);
        int conjugation = GaloisElements.conjugation(degree);
        int[] steps = {1, -1, slots / 2};
        GaloisKeys keys = party.galoisKeys(List.of(
                conjugation,
                GaloisElements.rotation(degree, steps[0]),
                GaloisElements.rotation(degree, steps[1]),
                GaloisElements.rotation(degree, steps[2])));
        for (int level : new int[] {party.parameters.topLevel(), 0}) {
            Ciphertext a = party.encrypt(v, w, level);
            double bound = noise.fresh() + noise.switched(level) / party.scale;
            List<Ciphertext> hoisted = party.evaluator.rotateMany(a, new int[] {0, 1, -1, slots / 2}, keys);
            for (int k = 0; k < steps.length; k++) {
                int step = steps[k];
                IntToDoubleFunction real = i -> v[Math.floorMod(i + step, slots)];
                IntToDoubleFunction imaginary = i -> w[Math.floorMod(i + step, slots)];
                assertSlots(party.decrypt(party.evaluator.rotate(a, step, keys)), real, imaginary, bound);
                assertSlots(party.decrypt(hoisted.get(k + 1)), real, imaginary, bound);
            }
            assertSlots(party.decrypt(hoisted.getFirst()), i -> v[i], i -> w[i], noise.fresh());
            Ciphertext conjugate = party.evaluator.conjugate(a, keys);
            assertSlots(party.decrypt(conjugate), i -> v[i], i -> -w[i], bound);
        }
    }

    @Test
    void switchesToEveryLowerLevel() {
        Party party = new Party(Preset.S14);
        double[] v = vector(party);
        Ciphertext a = party.encrypt(v, 5);
        for (int level = 5; level >= 0; level--) {
            Ciphertext lower = party.evaluator.modSwitch(a, level);
            assertThat(lower.level()).isEqualTo(level);
            assertReal(party.decrypt(lower), i -> v[i], new NoiseBound(party.parameters, party.scale).fresh());
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Party party = new Party(Preset.S13);
        Party other = new Party(Preset.S14);
        Evaluator evaluator = party.evaluator;
        Ciphertext top = party.encrypt(new double[] {1}, 1);
        Ciphertext low = party.encrypt(new double[] {1}, 0);
        Ciphertext foreign = other.encrypt(new double[] {1}, 1);
        SwitchingKey key = party.relinearisationKey();
        GaloisKeys none = new GaloisKeys(party.parameters, Map.of());
        assertThatThrownBy(() -> evaluator.add(top, low)).hasMessageContaining("levels 1 and 0");
        assertThatThrownBy(() -> evaluator.add(top, foreign)).hasMessageContaining("S14 for an evaluator of S13");
        assertThatThrownBy(() -> evaluator.addPlain(top, party.encoder.encode(new double[1], 1, 0x1p39)))
                .hasMessageContaining("scales");
        assertThatThrownBy(() -> evaluator.multiply(low, low)).hasMessageContaining("modulus of 50 bits");
        assertThatThrownBy(() -> evaluator.rescale(low)).hasMessageContaining("no level below 0");
        assertThatThrownBy(() -> evaluator.relinearise(top, key)).hasMessageContaining("product of 3 polynomials");
        Ciphertext product = evaluator.multiply(top, top);
        assertThatThrownBy(() -> evaluator.multiply(product, top)).hasMessageContaining("relinearised first");
        assertThatThrownBy(() -> evaluator.rotate(product, 1, none)).hasMessageContaining("relinearised first");
        assertThatThrownBy(() -> evaluator.rotate(top, 1, none)).hasMessageContaining("element 3");
        assertThatThrownBy(() -> evaluator.rotate(top, 0, none)).hasMessageContaining("rotation by 0");
        assertThatThrownBy(() -> evaluator.rotate(top, 4096, none)).hasMessageContaining("allowed are 1 to 4095");
        assertThatThrownBy(() -> evaluator.modSwitch(low, 1)).hasMessageContaining("from level 0 to 1");
        SwitchingKey foreignKey = other.relinearisationKey();
        assertThatThrownBy(() -> evaluator.relinearise(product, foreignKey)).hasMessageContaining("key of S14");
        assertThatThrownBy(() ->
                        new Ciphertext(party.parameters, 1, List.of(top.parts().getFirst())))
                .hasMessageContaining("allowed are 2 and 3");
        assertThatThrownBy(() -> new SwitchingKey(party.parameters, key.digits().subList(0, 1)))
                .hasMessageContaining("has 2");
    }
}
