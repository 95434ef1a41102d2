package io.latticegate.admin.session;

import io.latticegate.common.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A principal of the management API.
 *
 * @param id a UUID
 * @param name unlike every other principal's
 * @param role the lower-case word of a role
 * @param projects ids of the only projects that it may manage; null: all
 * @param revision grows with every change
 * @param lastUsedAt to the minute; null: never
 * @param expiresAt from then on its token and its sessions are refused; null: never
 */
public record Account(
        String id,
        String name,
        String role,
        @Nullable List<String> projects,
        long revision,
        Instant createdAt,
        @Nullable Instant lastUsedAt,
        @Nullable Instant expiresAt) {
    private static final int TAG_BYTES = 8;

    /** Sixteen hexadecimal digits that are others after every change, also after a change of the token. */
    public String tag() {
        byte[] hash = Sha256.of((id + " " + revision).getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(hash, 0, TAG_BYTES);
    }

    boolean expired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}
