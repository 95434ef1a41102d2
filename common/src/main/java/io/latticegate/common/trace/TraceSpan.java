package io.latticegate.common.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work within a trace. Passed along as a value: nothing here is bound to a thread. Values that come from outside
 * are cut by the exporter's limits; no prompt, answer, key or header is ever given to a span.
 */
public final class TraceSpan {
    /** Of a request that is not traced: everything about it does nothing. */
    public static final TraceSpan NONE = new TraceSpan(null, Span.getInvalid());

    private final @Nullable Tracer tracer;
    private final Span span;

    TraceSpan(@Nullable Tracer tracer, Span span) {
        this.tracer = tracer;
        this.span = span;
    }

    /** Whether it will be exported. */
    public boolean recording() {
        return span.isRecording();
    }

    /** A piece of this one, done in this process. */
    public TraceSpan child(String name) {
        return start(name, SpanKind.INTERNAL);
    }

    /** A question to another process, as a piece of this one. */
    public TraceSpan client(String name) {
        return start(name, SpanKind.CLIENT);
    }

    /** What is not recorded has no pieces: it stands for itself, so that the trace's id is still passed on. */
    private TraceSpan start(String name, SpanKind kind) {
        if (tracer == null || !span.isRecording()) {
            return this;
        }
        return new TraceSpan(
                tracer,
                tracer.spanBuilder(name)
                        .setParent(Context.root().with(span))
                        .setSpanKind(kind)
                        .startSpan());
    }

    /** A null value leaves the attribute out. */
    public TraceSpan set(String key, @Nullable String value) {
        if (value != null && span.isRecording()) {
            span.setAttribute(key, value);
        }
        return this;
    }

    public TraceSpan set(String key, long value) {
        if (span.isRecording()) {
            span.setAttribute(key, value);
        }
        return this;
    }

    public TraceSpan set(String key, double value) {
        if (span.isRecording()) {
            span.setAttribute(key, value);
        }
        return this;
    }

    public TraceSpan set(String key, boolean value) {
        if (span.isRecording()) {
            span.setAttribute(key, value);
        }
        return this;
    }

    /**
     * Marks it as failed.
     *
     * @param type a class of failures, never a message
     */
    public TraceSpan failed(String type) {
        if (span.isRecording()) {
            span.setAttribute("error.type", type);
            span.setStatus(StatusCode.ERROR);
        }
        return this;
    }

    /** Ends it; only the first end counts. */
    public void end() {
        span.end();
    }

    /** What to pass on, or null where there is no trace. */
    public @Nullable TraceContext context() {
        SpanContext own = span.getSpanContext();
        return own.isValid() ? new TraceContext(own.getTraceId(), own.getSpanId(), own.isSampled()) : null;
    }

    /** {@code traceparent} for whoever is asked next, or null where there is no trace. */
    public @Nullable String traceparent() {
        TraceContext own = context();
        return own == null ? null : own.header();
    }

    /** The trace's id where it is recorded, or null. */
    public @Nullable String traceId() {
        SpanContext own = span.getSpanContext();
        return own.isSampled() ? own.getTraceId() : null;
    }
}
