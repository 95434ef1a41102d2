package io.latticegate.common.trace;

import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts what reaches the collector and what does not, and says in the log when that changes. */
final class CountedExporter implements SpanExporter {
    private static final Log LOG = Log.of(CountedExporter.class);

    private final SpanExporter exporter;
    private final Counter exported;
    private final Counter lost;
    private final AtomicBoolean failing = new AtomicBoolean();

    CountedExporter(SpanExporter exporter, MeterRegistry metrics) {
        this.exporter = exporter;
        this.exported = counter("exported", metrics);
        this.lost = counter("lost", metrics);
    }

    private static Counter counter(String result, MeterRegistry metrics) {
        return Counter.builder("tracing.spans")
                .description("Spans sent to the collector, and those that it did not take")
                .tag("result", result)
                .register(metrics);
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size();
        CompletableResultCode result = exporter.export(spans);
        result.whenComplete(() -> {
            boolean good = result.isSuccess();
            (good ? exported : lost).increment(count);
            if (failing.compareAndSet(good, !good)) {
                if (good) {
                    LOG.info("The collector of traces takes spans again");
                } else {
                    LOG.warn("The collector of traces takes no spans; they are lost", LogKey.COUNT.of(count));
                }
            }
        });
        return result;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
