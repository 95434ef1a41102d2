package io.latticegate.common.telemetry;

import io.latticegate.common.value.Secret;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The vocabulary of log lines. A value is a text, a number, a truth value or an enum, never an object that prints
 * itself, so that no body, header map or record with a secret reaches a log by accident.
 */
public enum LogKey {
    REQUEST_ID("requestId"),
    TRACE_ID("trace_id"),
    TENANT("tenant"),
    PROJECT("project"),
    TOKEN_ID("tokenId"),
    WALLET("wallet"),
    MODEL("model"),
    PROVIDER("provider"),
    OUTCOME("outcome"),
    STATUS("status"),
    ELAPSED_MS("elapsedMs"),
    TOKENS_IN("tokensIn"),
    TOKENS_OUT("tokensOut"),
    SERVICE("service"),
    NODE("node"),
    PEER("peer"),
    ADDRESS("address"),
    PORT("port"),
    METHOD("method"),
    PATH("path"),
    FILE("file"),
    SETTING("setting"),
    KEY_ID("keyId"),
    LEASE_ID("leaseId"),
    ENTRY_ID("entryId"),
    COUNT("count"),
    BYTES("bytes"),
    ATTEMPT("attempt"),
    REASON("reason"),
    ERROR("error"),
    VERSION("version");

    private final String label;

    LogKey(String label) {
        this.label = label;
    }

    /** The key's name in a line. */
    public String label() {
        return label;
    }

    /** A null value leaves the key out. */
    public LogField of(@Nullable String value) {
        return new LogField(this, value);
    }

    public LogField of(long value) {
        return new LogField(this, value);
    }

    public LogField of(boolean value) {
        return new LogField(this, value);
    }

    /** In lower case. */
    public LogField of(Enum<?> value) {
        return new LogField(this, value.name().toLowerCase(Locale.ROOT));
    }

    /** In milliseconds. */
    public LogField of(Duration value) {
        return new LogField(this, value.toMillis());
    }

    /** The kind of a fault without its message, which may quote what a client sent. */
    public LogField of(Throwable fault) {
        return new LogField(this, fault.getClass().getName());
    }

    /** Always {@code ****}. */
    @SuppressWarnings("unused")
    public LogField of(Secret value) {
        return new LogField(this, LogField.HIDDEN);
    }
}
