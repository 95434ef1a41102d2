package io.latticegate.common.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import io.latticegate.common.config.LoggingConfig.Format;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** Turns a log event into one line; named in logback.xml. The format may change while the process runs. */
public final class LineEncoder extends EncoderBase<ILoggingEvent> {
    static final String FLUSH_LOGGER = "io.latticegate.common.telemetry.flush";

    private volatile Format format = Format.JSON;
    private volatile Set<String> leftOut = Set.of();

    @Override
    public void start() {
        super.start();
        LogSetup.flushAtExit();
    }

    void setFormat(Format wanted) {
        format = wanted;
    }

    /** @param labels of the fields that no line shows */
    void leaveOut(Set<String> labels) {
        leftOut = Set.copyOf(labels);
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        if (event.getLoggerName().equals(FLUSH_LOGGER)) {
            return reached(event);
        }
        String line = format == Format.JSON ? LogLine.json(event, leftOut) : LogLine.text(event, leftOut);
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /** Events are encoded in order, so whoever waits for this one knows that all earlier ones were written. */
    private static byte[] reached(ILoggingEvent event) {
        Object[] arguments = event.getArgumentArray();
        if (arguments != null && arguments.length == 1 && arguments[0] instanceof CountDownLatch written) {
            written.countDown();
        }
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
