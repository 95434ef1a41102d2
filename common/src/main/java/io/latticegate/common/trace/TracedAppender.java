package io.latticegate.common.trace;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.latticegate.common.telemetry.LogKey;
import org.slf4j.event.KeyValuePair;

/** Adds the trace's id to lines that are logged within a span ({@link Tracing#within}); named in logback.xml. */
public final class TracedAppender extends AsyncAppender {
    @Override
    protected void preprocess(ILoggingEvent event) {
        super.preprocess(event);
        String trace = Tracing.current().traceId();
        if (trace != null && event instanceof LoggingEvent line) {
            line.addKeyValuePair(new KeyValuePair(LogKey.TRACE_ID.label(), trace));
        }
    }
}
