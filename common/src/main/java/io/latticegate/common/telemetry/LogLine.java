package io.latticegate.common.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import io.latticegate.common.value.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * The two forms of a log line. In both, nothing that a client sent can start a new line or move a terminal's cursor, and what
 * looks like a credential is hidden ({@link LogRedaction}).
 */
final class LogLine {
    private static final int MESSAGE_MAX = 4_000;
    private static final int VALUE_MAX = 1_000;
    private static final int STACK_MAX = 16_000;

    private LogLine() {}

    /** {@code {"time":…,"level":…,"logger":…,"message":…,<fields>,"exception":{"type":…,"message":…,"stack":…}}} */
    static String json(ILoggingEvent event, Set<String> leftOut) {
        StringBuilder line = new StringBuilder(256);
        line.append("{\"time\":\"").append(Instant.ofEpochMilli(event.getTimeStamp()));
        line.append("\",\"level\":\"").append(event.getLevel()).append("\",\"logger\":");
        quoted(line, event.getLoggerName(), VALUE_MAX);
        line.append(",\"message\":");
        quoted(line, event.getFormattedMessage(), MESSAGE_MAX);
        for (KeyValuePair field : fields(event, leftOut)) {
            line.append(',');
            quoted(line, field.key, VALUE_MAX);
            line.append(':');
            if (field.value instanceof Number || field.value instanceof Boolean) {
                line.append(field.value);
            } else {
                quoted(line, shown(field.value), VALUE_MAX);
            }
        }
        IThrowableProxy fault = event.getThrowableProxy();
        if (fault != null) {
            line.append(",\"exception\":{\"type\":");
            quoted(line, fault.getClassName(), VALUE_MAX);
            line.append(",\"message\":");
            quoted(line, String.valueOf(fault.getMessage()), MESSAGE_MAX);
            line.append(",\"stack\":");
            quoted(line, ThrowableProxyUtil.asString(fault), STACK_MAX);
            line.append('}');
        }
        return line.append("}\n").toString();
    }

    /** {@code time LEVEL logger: message key=value …}, and the stack below, indented. */
    static String text(ILoggingEvent event, Set<String> leftOut) {
        StringBuilder line = new StringBuilder(256);
        line.append(Instant.ofEpochMilli(event.getTimeStamp())).append(' ');
        line.append(event.getLevel()).append(event.getLevel().levelStr.length() == 4 ? "  " : " ");
        escaped(line, event.getLoggerName(), VALUE_MAX);
        line.append(": ");
        escaped(line, event.getFormattedMessage(), MESSAGE_MAX);
        for (KeyValuePair field : fields(event, leftOut)) {
            line.append(' ');
            escaped(line, field.key, VALUE_MAX);
            line.append('=');
            String value = shown(field.value);
            if (value.isEmpty() || value.indexOf(' ') >= 0 || value.indexOf('"') >= 0 || value.indexOf('=') >= 0) {
                quoted(line, value, VALUE_MAX);
            } else {
                escaped(line, value, VALUE_MAX);
            }
        }
        line.append('\n');
        IThrowableProxy fault = event.getThrowableProxy();
        if (fault != null) {
            bounded(ThrowableProxyUtil.asString(fault), STACK_MAX).lines().forEach(frame -> {
                line.append("    ");
                escaped(line, frame.strip(), MESSAGE_MAX);
                line.append('\n');
            });
        }
        return line.toString();
    }

    private static List<KeyValuePair> fields(ILoggingEvent event, Set<String> leftOut) {
        @Nullable List<KeyValuePair> fields = event.getKeyValuePairs();
        if (fields == null || leftOut.isEmpty()) {
            return fields == null ? List.of() : fields;
        }
        return fields.stream().filter(field -> !leftOut.contains(field.key)).toList();
    }

    private static String shown(@Nullable Object value) {
        return value instanceof Secret ? LogField.HIDDEN : String.valueOf(value);
    }

    /** Bounded first, so that redaction has bounded work; what is cut off cannot leak. */
    private static String bounded(String text, int charactersMax) {
        return LogRedaction.of(text.length() <= charactersMax ? text : text.substring(0, charactersMax) + "…");
    }

    private static void quoted(StringBuilder line, String text, int charactersMax) {
        line.append('"');
        escape(line, bounded(text, charactersMax), true);
        line.append('"');
    }

    private static void escaped(StringBuilder line, String text, int charactersMax) {
        escape(line, bounded(text, charactersMax), false);
    }

    private static void escape(StringBuilder line, String text, boolean inQuotes) {
        text.codePoints().forEach(point -> {
            if (inQuotes && (point == '"' || point == '\\')) {
                line.append('\\').append((char) point);
            } else if (inQuotes && point == '\n') {
                line.append("\\n");
            } else if (isUnsafe(point)) {
                for (char unit : Character.toChars(point)) {
                    line.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                line.appendCodePoint(point);
            }
        });
    }

    /** Control and format characters, line separators and halves of surrogate pairs. */
    private static boolean isUnsafe(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
