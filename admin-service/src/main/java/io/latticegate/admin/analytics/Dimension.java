package io.latticegate.admin.analytics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** By what ended requests are told apart. */
public enum Dimension {
    PROJECT("project_id"),
    TOKEN("token_id"),
    /** The wallet whose signature was admitted, as its lower-case address. */
    WALLET("wallet"),
    /** The pseudonym of the end user that the client named. */
    USER("end_user"),
    /** As the client named it, of requests that a provider was chosen for. */
    MODEL("model"),
    PROVIDER("provider"),
    /** The path with a name in place of ids ({@link EndpointName}). */
    ENDPOINT("endpoint"),
    OUTCOME("outcome"),
    /** The machine-readable reason of a request that did not succeed. */
    ERROR_CLASS("error_class");

    private final String column;

    Dimension(String column) {
        this.column = column;
    }

    String column() {
        return column;
    }

    /** The lower-case word of the wire format. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The dimension of that {@link #wireName()}. */
    public static Optional<Dimension> named(String wireName) {
        return Arrays.stream(values())
                .filter(dimension -> dimension.wireName().equals(wireName))
                .findFirst();
    }
}
