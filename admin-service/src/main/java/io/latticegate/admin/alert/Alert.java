package io.latticegate.admin.alert;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A condition that holds or has held.
 *
 * @param severity in lower case
 * @param resolvedAt null: it fires
 */
public record Alert(
        String id,
        String rule,
        String scope,
        String severity,
        String summary,
        Map<String, String> labels,
        Instant since,
        @Nullable Instant resolvedAt) {
    /** {@code firing} or {@code resolved}. */
    public String state() {
        return resolvedAt == null ? "firing" : "resolved";
    }
}
