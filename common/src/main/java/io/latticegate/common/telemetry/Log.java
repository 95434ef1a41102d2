package io.latticegate.common.telemetry;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** The one logger: the message says what happened, the fields say to whom. Messages are constants. */
public final class Log {
    private final Logger logger;

    private Log(Logger logger) {
        this.logger = logger;
    }

    public static Log of(Class<?> owner) {
        return new Log(LoggerFactory.getLogger(owner));
    }

    public boolean isDebugEnabled() {
        return logger.isDebugEnabled();
    }

    public void debug(String message, LogField... fields) {
        write(Level.DEBUG, message, null, fields);
    }

    public void info(String message, LogField... fields) {
        write(Level.INFO, message, null, fields);
    }

    public void warn(String message, LogField... fields) {
        write(Level.WARN, message, null, fields);
    }

    public void warn(String message, Throwable cause, LogField... fields) {
        write(Level.WARN, message, cause, fields);
    }

    public void error(String message, LogField... fields) {
        write(Level.ERROR, message, null, fields);
    }

    public void error(String message, Throwable cause, LogField... fields) {
        write(Level.ERROR, message, cause, fields);
    }

    private void write(Level level, String message, @Nullable Throwable cause, LogField... fields) {
        LoggingEventBuilder event = logger.atLevel(level);
        for (LogField field : fields) {
            if (field.value() != null) {
                event = event.addKeyValue(field.key().label(), field.value());
            }
        }
        if (cause != null) {
            event = event.setCause(cause);
        }
        event.log(message);
    }
}
