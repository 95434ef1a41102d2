package io.latticegate.common.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TracingTest {
    private static final TraceContext CLIENT =
            new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true);

    @Test
    void handsOutNothingWhereItIsOff() {
        try (Tracing off = Tracing.off()) {
            assertThat(off.on()).isFalse();
            assertThat(off.request("GET /", CLIENT)).isSameAs(TraceSpan.NONE);
            assertThat(off.serve("auth.lease.v1", CLIENT)).isSameAs(TraceSpan.NONE);
            assertThat(TraceSpan.NONE.child("x")).isSameAs(TraceSpan.NONE);
            assertThat(TraceSpan.NONE.traceparent()).isNull();
            assertThat(TraceSpan.NONE.traceId()).isNull();
        }
    }

    @Test
    void isCurrentOnlyWithinATask() {
        AtomicReference<TraceSpan> inside = new AtomicReference<>();
        Tracing.within(TraceSpan.NONE, () -> inside.set(Tracing.current()));
        assertThat(inside.get()).isSameAs(TraceSpan.NONE);
        assertThat(Tracing.current()).isSameAs(TraceSpan.NONE);
    }

    @Test
    void clientsMayAskForSoManyTracesInASecond() {
        AtomicLong now = new AtomicLong(-5);
        ClientTraces traces = new ClientTraces(2, now::get);
        assertThat(traces.take()).isTrue();
        assertThat(traces.take()).isTrue();
        assertThat(traces.take()).isFalse();
        now.addAndGet(999_999_999);
        assertThat(traces.take()).isFalse();
        now.addAndGet(1);
        assertThat(traces.take()).isTrue();
        assertThat(new ClientTraces(0, now::get).take()).isFalse();
    }

    @Test
    void aMeasurementBelongsToNoTraceOutsideOfOne() {
        Exemplars exemplars = new Exemplars();
        exemplars.measure(TraceSpan.NONE, () -> {
            assertThat(exemplars.getCurrentTraceId()).isNull();
            assertThat(exemplars.isCurrentSpanSampled()).isFalse();
        });
        assertThat(exemplars.getCurrentSpanId()).isNull();
    }
}
