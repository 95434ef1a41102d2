package io.latticegate.fhe.app.http;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Ids of requests: ours, and the client's own where it is short and harmless. Neither secret nor guess-proof. */
final class RequestNames {
    private static final Pattern HARMLESS = Pattern.compile("[0-9A-Za-z._:-]{1,128}");

    private final String prefix;
    private final AtomicLong counter = new AtomicLong();

    RequestNames(SecureRandom random) {
        byte[] bits = new byte[8];
        random.nextBytes(bits);
        prefix = "req_" + HexFormat.of().formatHex(bits);
    }

    /** A request's id, with the client's own beside it. */
    RequestName name(@Nullable String foreign) {
        String own = prefix + HexFormat.of().toHexDigits(counter.getAndIncrement());
        return new RequestName(own, foreign != null && HARMLESS.matcher(foreign).matches() ? foreign : "");
    }
}
