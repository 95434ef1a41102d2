package io.latticegate.auth.token;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * UUIDv7 (RFC 9562 section 5.7): identifiers of rows that list in order of creation. They are names, not secrets; what
 * authenticates is made from random bits alone.
 */
final class TimeOrderedIds {
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final InstantSource clock;
    private final SecureRandom random;

    TimeOrderedIds(InstantSource clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    String next() {
        long high = (clock.millis() << 16) | 0x7000 | (random.nextInt() & 0x0fff);
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    /** Whether {@code id} can be one of ours; anything else is unknown without asking the store. */
    static boolean isShaped(String id) {
        return SHAPE.matcher(id).matches();
    }
}
