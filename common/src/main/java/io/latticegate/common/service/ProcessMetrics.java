package io.latticegate.common.service;

import com.sun.management.OperatingSystemMXBean;
import io.latticegate.common.journal.Journal;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import java.lang.management.ManagementFactory;
import java.util.Set;

/** Meters that every process has: JVM, uptime, journal. */
final class ProcessMetrics {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Names that Prometheus' linter refuses; {@link #bindProcessor} has the same under others. */
    private static final Set<String> RENAMED = Set.of("system.cpu.count", "process.cpu.time");

    static void bind(MeterRegistry registry, Journal journal) {
        registry.config().meterFilter(MeterFilter.deny(id -> RENAMED.contains(id.getName())));
        bindProcessor(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        bindForTheProcess(new JvmGcMetrics(), registry);
        Gauge.builder("audit.journal.backlog", journal, Journal::backlogBytes)
                .baseUnit("bytes")
                .description("Audit entries that are not delivered yet")
                .register(registry);
        Gauge.builder("audit.journal.accepting", journal, one -> one.health().accepting() ? 1 : 0)
                .description("1 while the journal takes entries; 0 means that requests are refused")
                .register(registry);
    }

    private static void bindProcessor(MeterRegistry registry) {
        Gauge.builder("system.processors", Runtime.getRuntime(), Runtime::availableProcessors)
                .description("Processors that the JVM may use")
                .register(registry);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu", system, bean -> bean.getProcessCpuTime() / (double) NANOS_PER_SECOND)
                    .baseUnit("seconds")
                    .description("Processor time that this process has used")
                    .register(registry);
        }
    }

    /** The collector's listener lives as long as the process does. */
    private static void bindForTheProcess(JvmGcMetrics metrics, MeterRegistry registry) {
        metrics.bindTo(registry);
        Runtime.getRuntime().addShutdownHook(new Thread(metrics::close, "gc-metrics"));
    }

    private ProcessMetrics() {}
}
