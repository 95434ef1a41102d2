package io.latticegate.fhe.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** On a machine without a GPU there is a reason; on one with a GPU it opens. Either way nothing is left behind. */
final class AcceleratorTest {
    private static long libraries() throws java.io.IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().contains("JCuda")
                            || file.getFileName().toString().startsWith("latticegate-gpu"))
                    .count();
        }
    }

    @Test
    void saysWhyThereIsNoDevice() throws java.io.IOException {
        long before = libraries();
        for (int i = 0; i < 2; i++) {
            switch (Accelerator.open(0, 1L << 28)) {
                case Accelerator.Opened.Ready(GpuBackend backend) -> {
                    assertThat(backend.status().healthy()).isTrue();
                    backend.close();
                }
                case Accelerator.Opened.Absent(String reason) ->
                    assertThat(reason)
                            .containsAnyOf(
                                    "this build has no kernels for a GPU",
                                    "there is no CUDA driver: libcuda.so.1 cannot be loaded",
                                    "CUDA device 0 cannot be opened");
            }
        }
        assertThat(libraries()).isEqualTo(before);
    }

    @Test
    void withoutADriverTheLibraryDoesNotLoad() {
        if (Files.exists(Path.of("/dev/nvidiactl"))) {
            NativeLibrary.load();
        } else {
            org.assertj.core.api.Assertions.assertThatThrownBy(NativeLibrary::load)
                    .isInstanceOf(DeviceException.class)
                    .hasMessageStartingWith("there is no CUDA driver");
        }
    }
}
