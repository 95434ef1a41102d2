package io.latticegate.common.telemetry;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import io.latticegate.common.config.LoggingConfig;
import io.latticegate.common.config.LoggingConfig.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Applies the configuration to the log. Lines are written by a thread of their own, so that an event loop never waits
 * for a slow terminal; the queue is bounded (logback.xml), and what does not fit is dropped.
 */
public final class LogSetup {
    private static final Duration FLUSH_MAX = Duration.ofSeconds(1);
    private static final int QUEUE_LINES = 8_192;
    private static final long FILE_BYTES_MAX = 100L << 20;
    private static final int FILES_MAX = 10;

    private static final AtomicBoolean FLUSHES_AT_EXIT = new AtomicBoolean();
    private static final AtomicReference<Set<String>> WITH_LEVEL = new AtomicReference<>(Set.of());
    private static final AtomicReference<Destination> DESTINATION =
            new AtomicReference<>(new Destination(Output.STDERR, null));

    private record Destination(Output output, @Nullable Path file) {}

    private LogSetup() {}

    /**
     * Sets level, format, levels per component, and where lines go; may be called again while the process runs.
     *
     * @throws IllegalArgumentException where the file cannot be written
     */
    public static void apply(LoggingConfig config) {
        direct(new Destination(config.output(), config.file()));
        applyLevels(config, null, Map.of());
        Set<String> leftOut = new HashSet<>();
        if (!config.includeRequestId()) {
            leftOut.add(LogKey.REQUEST_ID.label());
        }
        if (!config.includeProviderInfo()) {
            leftOut.add(LogKey.PROVIDER.label());
            leftOut.add(LogKey.MODEL.label());
        }
        forEachEncoder(root().iteratorForAppenders(), config.format(), leftOut);
    }

    /**
     * Sets levels and takes back those that a former call has set.
     *
     * @param level of whatever has none of its own; null: as configured
     * @param components levels by logger, before those that are configured
     */
    public static void applyLevels(
            LoggingConfig config, LoggingConfig.@Nullable Level level, Map<String, LoggingConfig.Level> components) {
        root().setLevel(level(level == null ? config.level() : level));
        Map<String, LoggingConfig.Level> wanted = new HashMap<>(config.levels());
        wanted.putAll(components);
        for (String former : WITH_LEVEL.getAndSet(Set.copyOf(wanted.keySet()))) {
            if (!wanted.containsKey(former)) {
                context().getLogger(former).setLevel(null);
            }
        }
        wanted.forEach(LogSetup::setLevel);
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

    /** Sends lines elsewhere; those that are queued still go where they were to go. */
    private static void direct(Destination wanted) {
        if (wanted.equals(DESTINATION.get())) {
            return;
        }
        OutputStreamAppender<ILoggingEvent> target = wanted.output() == Output.FILE
                ? rolling(Objects.requireNonNull(wanted.file()))
                : console(wanted.output());
        AsyncAppender async = new AsyncAppender();
        async.setContext(context());
        async.setName("async");
        async.setQueueSize(QUEUE_LINES);
        async.setDiscardingThreshold(0);
        async.setNeverBlock(true);
        async.addAppender(target);
        async.start();
        Appender<ILoggingEvent> former = root().getAppender("async");
        root().addAppender(async);
        if (former != null) {
            root().detachAppender(former);
            former.stop();
        }
        DESTINATION.set(wanted);
    }

    private static OutputStreamAppender<ILoggingEvent> console(Output output) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setTarget(output == Output.STDOUT ? "System.out" : "System.err");
        return started(console);
    }

    private static OutputStreamAppender<ILoggingEvent> rolling(Path file) {
        try {
            Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException fault) {
            throw new IllegalArgumentException("logging.file: " + file + " cannot be written: " + fault, fault);
        }
        RollingFileAppender<ILoggingEvent> rolling = new RollingFileAppender<>();
        rolling.setFile(file.toString());
        FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
        window.setContext(context());
        window.setParent(rolling);
        window.setFileNamePattern(file + ".%i");
        window.setMinIndex(1);
        window.setMaxIndex(FILES_MAX);
        window.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context());
        size.setMaxFileSize(new FileSize(FILE_BYTES_MAX));
        size.start();
        rolling.setRollingPolicy(window);
        rolling.setTriggeringPolicy(size);
        return started(rolling);
    }

    private static <A extends OutputStreamAppender<ILoggingEvent>> A started(A appender) {
        LineEncoder encoder = new LineEncoder();
        encoder.setContext(context());
        encoder.start();
        appender.setContext(context());
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static void forEachEncoder(
            Iterator<Appender<ILoggingEvent>> appenders, LoggingConfig.Format format, Set<String> leftOut) {
        while (appenders.hasNext()) {
            switch (appenders.next()) {
                case AsyncAppender async -> forEachEncoder(async.iteratorForAppenders(), format, leftOut);
                case OutputStreamAppender<ILoggingEvent> stream
                when stream.getEncoder() instanceof LineEncoder lines -> {
                    lines.setFormat(format);
                    lines.leaveOut(leftOut);
                }
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
