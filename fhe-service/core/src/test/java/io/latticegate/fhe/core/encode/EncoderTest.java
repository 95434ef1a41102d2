package io.latticegate.fhe.core.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class EncoderTest {
    private static final long SEED = 20260105;

    private final RnsBackend backend = new CpuVector();

    private static double[] random(int count, Random random) {
        return random.doubles(count, -1, 1).toArray();
    }

    /** N coefficients are each off by at most 1/2, and doubles round: at most N/2 + 2^−40·N·Δ in a slot, over Δ. */
    private static double bound(CkksParameters parameters, double scale) {
        return parameters.degree() / (2 * scale) + 0x1p-40;
    }

    @ParameterizedTest
    @EnumSource
    void decodesWhatItEncoded(Preset preset) {
        CkksParameters parameters = preset.parameters();
        Encoder encoder = new Encoder(parameters, backend);
        Random random = new Random(SEED);
        double[] real = random(parameters.slots(), random);
        double[] imaginary = random(parameters.slots(), random);
        for (int level : new int[] {0, parameters.topLevel()}) {
            var slots = encoder.decode(encoder.encode(real, imaginary, level, preset.scale()));
            for (int i = 0; i < real.length; i++) {
                assertThat(Math.abs(slots.real()[i] - real[i])).isLessThan(bound(parameters, preset.scale()));
                assertThat(Math.abs(slots.imaginary()[i] - imaginary[i])).isLessThan(bound(parameters, preset.scale()));
            }
        }
    }

    @Test
    void isOffByLessThanAMillionthAtScaleOf40Bits() {
        for (Preset preset : new Preset[] {Preset.S13, Preset.S14, Preset.S15}) {
            Encoder encoder = new Encoder(preset.parameters(), backend);
            double[] values = random(preset.parameters().slots(), new Random(SEED));
            double[] decoded = encoder.decode(encoder.encode(values, 0, 0x1p40)).real();
            for (int i = 0; i < values.length; i++) {
                assertThat(Math.abs(decoded[i] - values[i])).isLessThan(0x1p-20);
            }
        }
    }

    @Test
    void slotJIsTheValueAtZetaToThePowerOfThree() {
        CkksParameters parameters = Preset.S13.parameters();
        int degree = parameters.degree();
        RnsBase base = parameters.ring().data(0);
        long[] monomial = new long[degree];
        monomial[1] = 1 << 20;
        Poly<Coeff> coefficients = backend.upload(base, monomial, 0);
        Poly<Eval> values = backend.allocate(base);
        backend.toEval(coefficients, values);
        var slots = new Encoder(parameters, backend).decode(new Plaintext(parameters, 1 << 20, values));
        BigInteger three = BigInteger.valueOf(3);
        for (int slot : new int[] {0, 1, 2, 17, degree / 2 - 1}) {
            int exponent = three.modPow(BigInteger.valueOf(slot), BigInteger.valueOf(2L * degree))
                    .intValueExact();
            assertThat(slots.real()[slot]).isCloseTo(Math.cos(Math.PI * exponent / degree), within());
            assertThat(slots.imaginary()[slot]).isCloseTo(Math.sin(Math.PI * exponent / degree), within());
        }
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(0x1p-40);
    }

    @Test
    void constantsFillAllSlots() {
        CkksParameters parameters = Preset.S14.parameters();
        Encoder encoder = new Encoder(parameters, backend);
        for (double value : new double[] {0, 1, -0.75, 1e-9, -12345.678}) {
            var slots = encoder.decode(encoder.encodeConstant(value, 2, 0x1p40));
            for (int i = 0; i < parameters.slots(); i++) {
                assertThat(slots.real()[i]).isCloseTo(value, org.assertj.core.data.Offset.offset(0x1p-39));
                assertThat(slots.imaginary()[i]).isCloseTo(0, within());
            }
        }
    }

    @Test
    void holdsIntegersLongerThanAWord() {
        CkksParameters parameters = Preset.S14.parameters();
        Encoder encoder = new Encoder(parameters, backend);
        double[] values = random(parameters.slots(), new Random(SEED));
        double[] decoded = encoder.decode(encoder.encode(values, 5, 0x1p200)).real();
        for (int i = 0; i < values.length; i++) {
            assertThat(decoded[i]).isCloseTo(values[i], within());
        }
    }

    @Test
    void refusesWhatItCannotRepresent() {
        CkksParameters parameters = Preset.S13.parameters();
        Encoder encoder = new Encoder(parameters, backend);
        double[] one = {1};
        assertThatThrownBy(() -> encoder.encode(new double[parameters.slots() + 1], 0, 1))
                .hasMessageContaining("at most 4096");
        assertThatThrownBy(() -> encoder.encode(one, new double[2], 0, 1)).hasMessageContaining("as many of both");
        assertThatThrownBy(() -> encoder.encode(new double[] {0, Double.NaN}, 0, 1))
                .hasMessageContaining("value 1 is not");
        assertThatThrownBy(() -> encoder.encodeConstant(Double.NEGATIVE_INFINITY, 0, 1))
                .hasMessageContaining("not a finite");
        assertThatThrownBy(() -> encoder.encode(one, 0, 0x1p50)).hasMessageContaining("modulus of 50 bits");
        assertThatThrownBy(() -> encoder.encodeConstant(1 << 10, 0, 0x1p40))
                .hasMessageContaining("coefficient of 2^50");
        assertThatThrownBy(() -> encoder.encode(one, 2, 1)).hasMessageContaining("allowed are 0 to 1");
    }
}
