package io.latticegate.common.bus;

import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.trace.TraceContext;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.common.trace.Tracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What is seen of questions on the bus: how many of each endpoint a process has answered and how, and the spans of those that
 * belong to a traced request, whose trace context travels as a header of the message.
 */
public final class BusTelemetry {
    private final Tracing tracing;
    private final MeterRegistry metrics;
    private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

    /** How a question was answered. */
    enum Outcome {
        ANSWERED,
        REFUSED,
        FAILED,
        OVERLOADED
    }

    private record Key(String address, Outcome outcome) {}

    public BusTelemetry(Tracing tracing, MeterRegistry metrics) {
        this.tracing = tracing;
        this.metrics = metrics;
    }

    /** Traces nothing, and counts for nobody. */
    static BusTelemetry none() {
        return new BusTelemetry(Tracing.off(), new SimpleMeterRegistry());
    }

    /** Begins the span of a question as a piece of {@code asker}, and puts its context into what is sent. */
    TraceSpan ask(Endpoint<?, ?> endpoint, TraceSpan asker, DeliveryOptions options) {
        TraceSpan own = asker == TraceSpan.NONE && tracing.on() ? Tracing.current() : asker;
        TraceSpan span = own.client(endpoint.address());
        String traceparent = span.traceparent();
        if (traceparent != null) {
            options.addHeader(TraceContext.HEADER, traceparent);
        }
        return span;
    }

    /** Begins to answer. */
    Served serve(Endpoint<?, ?> endpoint, Message<?> message) {
        TraceContext asker = tracing.on() ? TraceContext.read(message.headers().getAll(TraceContext.HEADER)) : null;
        return new Served(endpoint, asker == null ? TraceSpan.NONE : tracing.serve(endpoint.address(), asker));
    }

    /** More questions were asked than are answered at a time. */
    void overloaded(Endpoint<?, ?> endpoint) {
        record(endpoint, Outcome.OVERLOADED, 0);
    }

    private void record(Endpoint<?, ?> endpoint, Outcome outcome, long nanos) {
        timers.computeIfAbsent(new Key(endpoint.address(), outcome), this::timer)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Key key) {
        return Timer.builder("mesh.bus.questions")
                .description("Questions that other services asked of this process over the bus")
                .tags("endpoint", key.address, "outcome", key.outcome.name().toLowerCase(Locale.ROOT))
                .register(metrics);
    }

    /** One question that is being answered. */
    final class Served {
        private final Endpoint<?, ?> endpoint;
        private final TraceSpan span;
        private final long began = System.nanoTime();

        private Served(Endpoint<?, ?> endpoint, TraceSpan span) {
            this.endpoint = endpoint;
            this.span = span;
        }

        void during(Runnable task) {
            Tracing.within(span, task);
        }

        void ended(Outcome outcome) {
            if (outcome != Outcome.ANSWERED) {
                span.failed(outcome.name().toLowerCase(Locale.ROOT));
            }
            span.end();
            record(endpoint, outcome, System.nanoTime() - began);
        }
    }
}
