package io.latticegate.admin.audit;

import io.latticegate.admin.listing.LogPlace;
import io.latticegate.admin.subject.Sealing;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a listing of events goes on, and what its earlier pages have said. As text it carries a keyed hash of itself and of the
 * conditions, so that it is taken by the listing that gave it and by no other, on any node.
 *
 * @param place the page begins behind it
 * @param page number of that page, from 2
 * @param seen how many events the pages before it had
 * @param total how many events match, as the first page counted
 * @param totalIsExact whether there are no more than {@code total}
 */
public record AuditCursor(LogPlace place, int page, long seen, long total, boolean totalIsExact) {
    private static final int TEXT_MAX = 400;
    private static final int MAC_BYTES = 16;
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ([1-9][0-9]{0,17}) ([0-9a-zA-Z._-]{1,64})"
            + " ([1-9][0-9]{0,8}) ([0-9]{1,18}) ([0-9]{1,18}) (exactly|at-least)");

    /** For a client, of letters, digits, dashes and underscores. */
    public String text(Sealing sealing, AuditFilter filter) {
        String content = place.occurredAtMicros() + " " + place.sequence() + " " + place.node() + " " + page + " "
                + seen + " " + total + " " + (totalIsExact ? "exactly" : "at-least");
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((mac(sealing, filter, content) + " " + content).getBytes(StandardCharsets.US_ASCII));
    }

    /** The cursor that {@link #text} spells; empty for any other text, and for that of a listing with other conditions. */
    public static Optional<AuditCursor> of(String text, Sealing sealing, AuditFilter filter) {
        if (text.length() > TEXT_MAX) {
            return Optional.empty();
        }
        String spelt;
        try {
            spelt = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        int macLength = 2 * MAC_BYTES;
        if (spelt.length() <= macLength || spelt.charAt(macLength) != ' ') {
            return Optional.empty();
        }
        String content = spelt.substring(macLength + 1);
        boolean ours = MessageDigest.isEqual(
                spelt.substring(0, macLength).getBytes(StandardCharsets.ISO_8859_1),
                mac(sealing, filter, content).getBytes(StandardCharsets.ISO_8859_1));
        Matcher matcher = FORM.matcher(content);
        if (!ours || !matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new AuditCursor(
                new LogPlace(Long.parseLong(matcher.group(1)), matcher.group(3), Long.parseLong(matcher.group(2))),
                Integer.parseInt(matcher.group(4)),
                Long.parseLong(matcher.group(5)),
                Long.parseLong(matcher.group(6)),
                matcher.group(7).equals("exactly")));
    }

    private static String mac(Sealing sealing, AuditFilter filter, String content) {
        StringBuilder said =
                new StringBuilder("audit cursor 1\n").append(content).append('\n');
        new TreeMap<>(filter.equal())
                .forEach((field, value) ->
                        said.append(field.name()).append(' ').append(value).append('\n'));
        said.append(filter.search())
                .append('\n')
                .append(filter.start())
                .append('\n')
                .append(filter.end());
        byte[] digest = sealing.digest(said.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(Arrays.copyOf(digest, MAC_BYTES));
    }
}
