package io.latticegate.proxy.cache;

import java.util.List;
import java.util.Locale;

/**
 * What the {@code Cache-Control} fields of one message say (RFC 9111 section 5.2), as far as a cache of answers to POST
 * heeds it. Unknown directives are ignored, as the RFC demands; of repeated ages the smallest counts, and an age that is
 * no number counts as 0, so that what is malformed keeps less and not more.
 *
 * @param maxAgeSeconds {@link #UNSAID} where the message does not say
 * @param sharedMaxAgeSeconds of {@code s-maxage}, {@link #UNSAID} where the message does not say
 */
public record CacheDirectives(
        boolean noStore,
        boolean noCache,
        boolean isPublic,
        boolean isPrivate,
        boolean onlyIfCached,
        long maxAgeSeconds,
        long sharedMaxAgeSeconds) {
    /** No such directive. */
    public static final long UNSAID = -1;

    /** Of a message without {@code Cache-Control}. */
    public static final CacheDirectives NONE = new CacheDirectives(false, false, false, false, false, UNSAID, UNSAID);

    private static final long AGE_MAX = Integer.MAX_VALUE;

    /** @param fields the values of all {@code Cache-Control} fields of a message */
    public static CacheDirectives of(List<String> fields) {
        if (fields.isEmpty()) {
            return NONE;
        }
        boolean noStore = false;
        boolean noCache = false;
        boolean isPublic = false;
        boolean isPrivate = false;
        boolean onlyIfCached = false;
        long maxAge = UNSAID;
        long sharedMaxAge = UNSAID;
        for (String field : fields) {
            for (String directive : field.split(",", -1)) {
                int equals = directive.indexOf('=');
                String name = (equals < 0 ? directive : directive.substring(0, equals))
                        .strip()
                        .toLowerCase(Locale.ROOT);
                switch (name) {
                    case "no-store" -> noStore = true;
                    case "no-cache" -> noCache = true;
                    case "public" -> isPublic = true;
                    case "private" -> isPrivate = true;
                    case "only-if-cached" -> onlyIfCached = true;
                    case "max-age" -> maxAge = smaller(maxAge, age(directive, equals));
                    case "s-maxage" -> sharedMaxAge = smaller(sharedMaxAge, age(directive, equals));
                    default -> {}
                }
            }
        }
        return new CacheDirectives(noStore, noCache, isPublic, isPrivate, onlyIfCached, maxAge, sharedMaxAge);
    }

    /** For how long, in seconds, a shared cache may give the message again; {@link #UNSAID} where it does not say. */
    public long sharedAgeSeconds() {
        return sharedMaxAgeSeconds != UNSAID ? sharedMaxAgeSeconds : maxAgeSeconds;
    }

    private static long smaller(long known, long said) {
        return known == UNSAID ? said : Math.min(known, said);
    }

    private static long age(String directive, int equals) {
        if (equals < 0) {
            return 0;
        }
        String value = directive.substring(equals + 1).strip();
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        if (value.isEmpty() || !value.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            return 0;
        }
        return value.length() > 10 ? AGE_MAX : Math.min(AGE_MAX, Long.parseLong(value));
    }
}
