package io.latticegate.fhe.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.BackendUnavailableException;
import io.latticegate.fhe.core.ring.Ring;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a GPU: {@code ./mvnw -Pgpu -pl fhe-service/gpu -am test}. Fails where there is none. */
@Tag("device")
final class CudaDeviceTest {
    private static final int OPERATIONS = Integer.getInteger("latticegate.fhe.operations", 3);
    private static final long SEED = Long.getLong("latticegate.fhe.seed", 20260104);

    private static GpuBackend device(long bytes) {
        return switch (Accelerator.open(0, bytes)) {
            case Accelerator.Opened.Ready(GpuBackend backend) -> backend;
            case Accelerator.Opened.Absent(String reason) -> throw new AssertionError(reason);
        };
    }

    @ParameterizedTest
    @EnumSource
    void givesTheWordsOfTheProcessor(Preset preset) {
        Ring ring = preset.parameters().ring();
        CpuScalar processor = new CpuScalar();
        Random seeds = new Random(SEED);
        try (GpuBackend device = device(4L << 30)) {
            for (int level = 0; level <= ring.topLevel(); level++) {
                for (RingCases.Kind kind : RingCases.Kind.values()) {
                    for (int i = 0; i < OPERATIONS; i++) {
                        long seed = seeds.nextLong();
                        List<long[]> expected = RingCases.results(processor, kind, ring, level, seed);
                        List<long[]> actual = RingCases.results(device, kind, ring, level, seed);
                        for (int k = 0; k < expected.size(); k++) {
                            assertThat(actual.get(k))
                                    .as("%s of %s at level %s, seed %s", kind, preset, level, seed)
                                    .isEqualTo(expected.get(k));
                        }
                    }
                }
            }
        }
    }

    @Test
    void refusesWhatDoesNotFitAndGoesOn() {
        Ring ring = Preset.S13.parameters().ring();
        try (GpuBackend device = device(1L << 20)) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20; i++) {
                            device.allocate(ring.data(1));
                        }
                    })
                    .isInstanceOf(BackendUnavailableException.class);
            assertThat(device.status().failures()).isZero();
        }
    }
}
