package io.latticegate.common.trace;

import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells the metrics which trace a measurement belongs to, so that a bucket of a histogram names a request that fell into it
 * (OpenMetrics 1.0, exemplars). Bound to the thread for the length of {@link #measure} only.
 */
public final class Exemplars implements SpanContext {
    private static final ThreadLocal<@Nullable TraceContext> MEASURED = new ThreadLocal<>();

    /** Runs {@code measurement}, whose numbers belong to {@code span}. */
    public void measure(TraceSpan span, Runnable measurement) {
        TraceContext context = span.recording() ? span.context() : null;
        if (context == null) {
            measurement.run();
            return;
        }
        MEASURED.set(context);
        try {
            measurement.run();
        } finally {
            MEASURED.remove();
        }
    }

    @Override
    public @Nullable String getCurrentTraceId() {
        TraceContext context = MEASURED.get();
        return context == null ? null : context.traceId();
    }

    @Override
    public @Nullable String getCurrentSpanId() {
        TraceContext context = MEASURED.get();
        return context == null ? null : context.spanId();
    }

    @Override
    public boolean isCurrentSpanSampled() {
        return MEASURED.get() != null;
    }

    /** Spans are kept or not by the time that they begin; nothing is to be marked. */
    @Override
    public void markCurrentSpanAsExemplar() {}
}
