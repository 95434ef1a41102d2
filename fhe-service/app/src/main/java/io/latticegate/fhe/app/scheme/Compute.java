package io.latticegate.fhe.app.scheme;

import io.latticegate.common.config.FheConfig;
import io.latticegate.common.config.FheConfig.Accelerator.Kind;
import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.gpu.Accelerator;
import io.latticegate.fhe.gpu.GpuBackend;
import io.latticegate.fhe.gpu.GpuStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What computes, as the configuration chose it, and why. Safe for use by several threads. */
public final class Compute implements AutoCloseable {
    private final Kind configured;
    private final RnsBackend backend;
    private final @Nullable GpuBackend gpu;
    private final String reason;

    private Compute(Kind configured, RnsBackend backend, @Nullable GpuBackend gpu, String reason) {
        this.configured = configured;
        this.backend = backend;
        this.gpu = gpu;
        this.reason = reason;
    }

    /** @throws IllegalStateException where a GPU is asked for and there is none */
    public static Compute open(FheConfig.Accelerator settings) {
        return switch (settings.kind()) {
            case CPU -> new Compute(Kind.CPU, Backends.cpu(), null, "fhe.accelerator.kind is cpu");
            case GPU, AUTO -> chosen(settings, Accelerator.open(settings.deviceId(), settings.memoryBytes()));
        };
    }

    static Compute chosen(FheConfig.Accelerator settings, Accelerator.Opened opened) {
        return switch (opened) {
            case Accelerator.Opened.Ready(GpuBackend gpu) ->
                new Compute(settings.kind(), gpu, gpu, "device " + settings.deviceId());
            case Accelerator.Opened.Absent(String why) -> {
                if (settings.kind() == Kind.GPU) {
                    throw new IllegalStateException("fhe.accelerator.kind is gpu, but no GPU can be used: " + why
                            + ". Allowed are auto, which then computes on the processor, and cpu");
                }
                yield new Compute(settings.kind(), Backends.cpu(), null, why);
            }
        };
    }

    public RnsBackend backend() {
        return backend;
    }

    /** cpu or gpu. */
    public String kind() {
        return gpu == null ? "cpu" : "gpu";
    }

    /** For the log: what computes, and why. */
    public String description() {
        return backend.name() + ", since " + reason;
    }

    /** For who asks how the service is. */
    public JsonObject report() {
        JsonObject report = new JsonObject()
                .put("kind", kind())
                .put("configured", configured.name().toLowerCase(Locale.ROOT))
                .put("reason", reason);
        if (gpu != null) {
            GpuStatus status = gpu.status();
            report.put("healthy", status.healthy())
                    .put("failures", status.failures())
                    .put("last_failure", status.failure())
                    .put("waiting", status.waiting())
                    .put(
                            "memory",
                            new JsonObject()
                                    .put("limit_bytes", status.memoryBytes())
                                    .put("used_bytes", status.usedBytes())
                                    .put("peak_bytes", status.peakBytes())
                                    .put("resident_bytes", status.residentBytes()));
        }
        return report;
    }

    /** Has a GPU's memory, queue and failures measured. */
    public void measure(MeterRegistry metrics) {
        if (gpu != null) {
            gauge(metrics, gpu, "memory.used", "Bytes of the GPU's memory that are used", GpuStatus::usedBytes);
            gauge(metrics, gpu, "memory.limit", "Bytes of the GPU's memory that may be used", GpuStatus::memoryBytes);
            gauge(metrics, gpu, "resident", "Bytes of keys and rows kept on the GPU", GpuStatus::residentBytes);
            gauge(metrics, gpu, "waiting", "Operations in the GPU's queue", GpuStatus::waiting);
            gauge(metrics, gpu, "failures", "How often the GPU failed", GpuStatus::failures);
            gauge(metrics, gpu, "healthy", "1: the GPU computes", status -> status.healthy() ? 1 : 0);
        }
    }

    private static void gauge(
            MeterRegistry metrics, GpuBackend gpu, String name, String what, ToDoubleFunction<GpuStatus> value) {
        Gauge.builder("fhe.gpu." + name, gpu, device -> value.applyAsDouble(device.status()))
                .description(what)
                .register(metrics);
    }

    @Override
    public void close() {
        if (gpu != null) {
            gpu.close();
        }
    }
}
