package io.latticegate.common.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * A key and its value in a log line; made by {@link LogKey}.
 *
 * @param value a {@link String}, {@link Long} or {@link Boolean}; null where the key is left out
 */
public record LogField(LogKey key, @Nullable Object value) {
    static final String HIDDEN = "****";
}
