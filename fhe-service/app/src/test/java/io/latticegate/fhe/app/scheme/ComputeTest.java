package io.latticegate.fhe.app.scheme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.config.FheConfig.Accelerator.Kind;
import io.latticegate.fhe.gpu.Accelerator;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

final class ComputeTest {
    private static final Accelerator.Opened NONE = new Accelerator.Opened.Absent("there is no CUDA driver");

    private static io.latticegate.common.config.FheConfig.Accelerator settings(Kind kind) {
        return new io.latticegate.common.config.FheConfig.Accelerator(kind, 0, 1L << 30);
    }

    @Test
    void autoComputesOnTheProcessorAndSaysWhy() {
        try (Compute compute = Compute.chosen(settings(Kind.AUTO), NONE)) {
            assertThat(compute.kind()).isEqualTo("cpu");
            assertThat(compute.backend().name()).startsWith("cpu-");
            assertThat(compute.report())
                    .isEqualTo(new JsonObject()
                            .put("kind", "cpu")
                            .put("configured", "auto")
                            .put("reason", "there is no CUDA driver"));
            assertThat(compute.description()).endsWith("since there is no CUDA driver");
        }
    }

    @Test
    void gpuRefusesToStartWithoutOne() {
        assertThatThrownBy(() -> Compute.chosen(settings(Kind.GPU), NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("fhe.accelerator.kind is gpu, but no GPU can be used: there is no CUDA driver."
                        + " Allowed are auto, which then computes on the processor, and cpu");
    }

    @Test
    void cpuLooksForNoDevice() {
        try (Compute compute = Compute.open(settings(Kind.CPU))) {
            assertThat(compute.kind()).isEqualTo("cpu");
            assertThat(compute.report().getString("reason")).isEqualTo("fhe.accelerator.kind is cpu");
        }
    }
}
