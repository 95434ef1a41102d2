package io.latticegate.admin.listing;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a listing of the audit, newest first, goes on: after the entry with this time and place.
 *
 * @param occurredAtMicros microseconds since 1970
 * @param node the journal that it came from
 * @param sequence its number there
 */
public record LogPlace(long occurredAtMicros, String node, long sequence) {
    private static final int TEXT_MAX = 200;
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ([1-9][0-9]{0,17}) ([0-9a-zA-Z._-]{1,64})");

    /** Opaque text for a client, of letters, digits, dashes and underscores. */
    public String cursor() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((occurredAtMicros + " " + sequence + " " + node).getBytes(StandardCharsets.US_ASCII));
    }

    /** The place that {@link #cursor()} spells; empty when the text is none. */
    public static Optional<LogPlace> of(String cursor) {
        if (cursor.length() > TEXT_MAX) {
            return Optional.empty();
        }
        try {
            Matcher matcher =
                    FORM.matcher(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII));
            return matcher.matches()
                    ? Optional.of(new LogPlace(
                            Long.parseLong(matcher.group(1)), matcher.group(3), Long.parseLong(matcher.group(2))))
                    : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
