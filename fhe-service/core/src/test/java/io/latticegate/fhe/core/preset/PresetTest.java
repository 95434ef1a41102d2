package io.latticegate.fhe.core.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.random.ParmsId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class PresetTest {
    private static int bits(CkksParameters parameters) {
        return parameters.primes().stream().mapToInt(prime -> prime.bits()).sum();
    }

    @ParameterizedTest
    @CsvSource({"S12, 4096, 106, 106", "S13, 8192, 155, 161", "S14, 16384, 310, 322", "S15, 32768, 800, 868"})
    void staysWithinTheTableOf2024(Preset preset, int degree, int bits, int limit) {
        assertThat(preset.parameters().degree()).isEqualTo(degree);
        assertThat(bits(preset.parameters())).isEqualTo(bits);
        assertThat(preset.parameters().security().limit(degree)).isEqualTo(limit);
        assertThat(bits).isLessThanOrEqualTo(limit);
    }

    @ParameterizedTest
    @EnumSource(names = {"S13", "S14"})
    void keepsToTheQuantumColumnWherePromised(Preset preset) {
        assertThat(preset.parameters().security()).isEqualTo(SecurityTable.QUANTUM_128);
    }

    @ParameterizedTest
    @CsvSource({
        "CLASSICAL_128, 4096, 107",
        "CLASSICAL_128, 8192, 215",
        "CLASSICAL_128, 16384, 431",
        "CLASSICAL_128, 32768, 869",
        "QUANTUM_128, 4096, 81",
        "QUANTUM_128, 8192, 162",
        "QUANTUM_128, 16384, 323",
        "QUANTUM_128, 32768, 645"
    })
    void refusesOneBitMoreThanTheTableAllows(SecurityTable table, int degree, int bits) {
        table.require(degree, bits - 1);
        assertThatThrownBy(() -> table.require(degree, bits))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowed are " + (bits - 1));
    }

    @Test
    void countsTheSpecialPrime() {
        List<Integer> bits = List.of(50, 40, 40, 45, 45);
        assertThatThrownBy(() -> CkksParameters.of("weak", SecurityTable.CLASSICAL_128, 8192, bits, 1, 1))
                .hasMessageContaining("primes of 220 bits together");
        CkksParameters.of("strong", SecurityTable.CLASSICAL_128, 8192, bits.subList(0, 4), 1, 1);
    }

    @Test
    void refusesDegreesThatTheTableLacks() {
        for (int degree : new int[] {2048, 65536, 12288, 0, -4096}) {
            assertThatThrownBy(() -> SecurityTable.CLASSICAL_128.require(degree, 1))
                    .hasMessageContaining("not in the security table");
        }
    }

    @ParameterizedTest
    @EnumSource
    void namesEachLevelAsSealDoes(Preset preset) {
        CkksParameters parameters = preset.parameters();
        for (int level = 0; level <= parameters.topLevel(); level++) {
            long[] primes = parameters.primes().subList(0, level + 1).stream()
                    .mapToLong(prime -> prime.value())
                    .toArray();
            assertThat(parameters.parmsId(level)).isEqualTo(ParmsId.ckks(parameters.degree(), primes));
            assertThat(parameters.level(parameters.parmsId(level))).isEqualTo(level);
        }
        assertThat(parameters.level(parameters.keyParmsId())).isNull();
        assertThat(parameters.level(ParmsId.ZERO)).isNull();
    }

    @Test
    void refusesScalesThatDoNotFitTheModulus() {
        CkksParameters parameters = Preset.S13.parameters();
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 0x1p50}) {
            assertThatThrownBy(() -> parameters.requireScale(scale, 0)).hasMessageContaining("modulus of 50 bits");
        }
        parameters.requireScale(0x1p49, 0);
        assertThatThrownBy(() -> parameters.requireScale(1, 2)).hasMessageContaining("allowed are 0 to 1");
    }
}
