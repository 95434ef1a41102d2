package io.latticegate.common.service;

import io.latticegate.common.journal.Journal;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;

/** Meters that every process has: JVM, uptime, journal. */
final class ProcessMetrics {
    static void bind(MeterRegistry registry, Journal journal) {
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

    /** The collector's listener lives as long as the process does. */
    private static void bindForTheProcess(JvmGcMetrics metrics, MeterRegistry registry) {
        metrics.bindTo(registry);
        Runtime.getRuntime().addShutdownHook(new Thread(metrics::close, "gc-metrics"));
    }

    private ProcessMetrics() {}
}
