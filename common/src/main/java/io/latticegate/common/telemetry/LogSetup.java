package io.latticegate.common.telemetry;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import io.latticegate.common.config.LoggingConfig;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/**
 * Applies the configuration to the log. Lines are written by a thread of their own, so that an event loop never waits
 * for a slow terminal; the queue is bounded (logback.xml), and what does not fit is dropped.
 */
public final class LogSetup {
    private static final Duration FLUSH_MAX = Duration.ofSeconds(1);

    private static final AtomicBoolean FLUSHES_AT_EXIT = new AtomicBoolean();

    private LogSetup() {}

    /** Sets level, format and levels per component; may be called again while the process runs. */
    public static void apply(LoggingConfig config) {
        root().setLevel(level(config.level()));
        config.components().forEach(LogSetup::setLevel);
        forEachAppender(root().iteratorForAppenders(), config.format());
    }

    /** Sets the level of one component, such as {@code io.latticegate.vault}. */
    public static void setLevel(String component, LoggingConfig.Level wanted) {
        context().getLogger(component).setLevel(level(wanted));
    }

    /** Once per process: has {@link #flush} called when the process ends by itself, also by {@link System#exit}. */
    static void flushAtExit() {
        if (FLUSHES_AT_EXIT.compareAndSet(false, true)) {
            Runtime.getRuntime().addShutdownHook(new Thread(LogSetup::flush, "log-flush"));
        }
    }

    /**
     * Waits, at most a second, until every line logged so far is written. Called by itself when the process ends; a shutdown
     * hook that logs calls it once more at its own end, because hooks run side by side.
     */
    public static void flush() {
        CountDownLatch written = new CountDownLatch(1);
        Logger marker = context().getLogger(LineEncoder.FLUSH_LOGGER);
        marker.setLevel(Level.ERROR);
        marker.error("{}", written);
        try {
            boolean _ = written.await(FLUSH_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forEachAppender(Iterator<Appender<ILoggingEvent>> appenders, LoggingConfig.Format format) {
        while (appenders.hasNext()) {
            switch (appenders.next()) {
                case AsyncAppender async -> forEachAppender(async.iteratorForAppenders(), format);
                case OutputStreamAppender<ILoggingEvent> stream
                when stream.getEncoder() instanceof LineEncoder lines -> lines.setFormat(format);
                default -> {}
            }
        }
    }

    private static Level level(LoggingConfig.Level wanted) {
        return Level.toLevel(wanted.name());
    }

    private static Logger root() {
        return context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
