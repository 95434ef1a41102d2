package io.latticegate.fhe.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.modular.Primes;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.gpu.RingCases.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The kernels, run on this machine's processor, give the words of the processor's backend for random operations of every kind,
 * set and level, in all forms. {@code -Dlatticegate.fhe.operations=N} sets how many of a kind there are at each level,
 * {@code -Dlatticegate.fhe.seed=N} the seed.
 */
final class DeviceMatchesProcessorTest {
    private static final int OPERATIONS = Integer.getInteger("latticegate.fhe.operations", 1);
    private static final long SEED = Long.getLong("latticegate.fhe.seed", 20260104);
    private static final long MEMORY = 1L << 29;

    private static GpuBackend device(boolean fastDoubles, BiFunction<Modulus, Device, Form> forms) {
        return new GpuBackend(new DeviceSlot(() -> new HostDevice(fastDoubles), MEMORY, forms, System::nanoTime));
    }

    private static int compare(GpuBackend device, Ring ring, Iterable<Integer> levels, String what) {
        CpuScalar processor = new CpuScalar();
        Random seeds = new Random(SEED);
        Map<Kind, Integer> compared = new EnumMap<>(Kind.class);
        for (int level : levels) {
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < OPERATIONS; i++) {
                    long seed = seeds.nextLong();
                    List<long[]> expected = RingCases.results(processor, kind, ring, level, seed);
                    List<long[]> actual = RingCases.results(device, kind, ring, level, seed);
                    for (int k = 0; k < expected.size(); k++) {
                        assertThat(actual.get(k))
                                .as("%s of %s at level %s, seed %s", kind, what, level, seed)
                                .isEqualTo(expected.get(k));
                        compared.merge(kind, 1, Integer::sum);
                    }
                }
            }
        }
        assertThat(device.status().failures()).as("failures of the device").isZero();
        return compared.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static List<Integer> levels(Ring ring, int most) {
        TreeSet<Integer> levels = new TreeSet<>(List.of(0, ring.topLevel()));
        for (int level = 0; level <= ring.topLevel() && levels.size() < most; level++) {
            levels.add(level);
        }
        return List.copyOf(levels);
    }

    @ParameterizedTest
    @CsvSource({
        "S12, true, 9",
        "S12, false, 9",
        "S13, true, 9",
        "S13, false, 9",
        "S14, true, 9",
        "S14, false, 2",
        "S15, true, 2"
    })
    void ofEveryParameterSet(Preset preset, boolean fastDoubles, int levels) {
        try (GpuBackend device = device(fastDoubles, Form::of)) {
            Ring ring = preset.parameters().ring();
            int results = compare(device, ring, levels(ring, levels), preset.name());
            System.out.println(
                    results + " results of " + preset + " on " + device.name() + " are those of the processor");
            assertThat(results).isGreaterThan(Kind.values().length);
            assertThat(device.status().usedBytes()).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({"1024", "2048", "4096", "8192", "65536"})
    void ofEveryDegreeInEveryForm(int degree) {
        List<Integer> lengths = new ArrayList<>(List.of(30, 30, 50, 41, 60));
        lengths.addAll(List.of(60, 60));
        List<Modulus> primes = Primes.chain(degree, lengths);
        Ring ring = new Ring(degree, primes.subList(0, 5), primes.subList(5, 7), 2);
        List<Integer> levels = degree > 8192 ? List.of(4) : List.of(1, 4);
        for (BiFunction<Modulus, Device, Form> forms : List.<BiFunction<Modulus, Device, Form>>of(
                Form::of, (q, _) -> Form.REAL.covers(q) ? Form.REAL : Form.WIDE)) {
            try (GpuBackend device = device(true, forms)) {
                compare(device, ring, levels, "degree " + degree);
            }
        }
    }

    @Test
    void operationsTakeNoMemoryForEver() {
        Ring ring = Preset.S13.parameters().ring();
        try (GpuBackend device = device(true, Form::of)) {
            compare(device, ring, List.of(1), "S13");
            long used = device.status().usedBytes();
            compare(device, ring, List.of(1), "S13");
            assertThat(device.status().usedBytes()).isEqualTo(used);
        }
    }
}
