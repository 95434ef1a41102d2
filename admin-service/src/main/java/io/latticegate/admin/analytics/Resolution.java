package io.latticegate.admin.analytics;

import java.util.Locale;

/** How long the time is that a row sums up. All begin at multiples of their length since 1970 UTC. */
public enum Resolution {
    MINUTE(1, 60),
    HOUR(2, 3_600),
    DAY(3, 86_400);

    private final int code;
    private final long seconds;

    Resolution(int code, long seconds) {
        this.code = code;
        this.seconds = seconds;
    }

    /** The number in the database. */
    int code() {
        return code;
    }

    /** Its length in seconds. */
    public long seconds() {
        return seconds;
    }

    /** The begin, in seconds since 1970, of the stretch that holds {@code second}. */
    public long floor(long second) {
        return Math.floorDiv(second, seconds) * seconds;
    }

    /** {@code second}, or the begin of the next stretch. */
    public long ceil(long second) {
        return Math.ceilDiv(second, seconds) * seconds;
    }

    /** The lower-case word of the wire format. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
