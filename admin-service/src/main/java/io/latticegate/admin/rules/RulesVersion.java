package io.latticegate.admin.rules;

import io.latticegate.common.config.RulesDocument;
import java.time.Instant;

/**
 * One version of the rules; never changed once it is stored.
 *
 * @param version counted from 1
 * @param fileHash of what the configuration file said when the version was made
 * @param requestId of the call that made it, or empty
 */
public record RulesVersion(
        long version, Origin origin, String fileHash, String requestId, Instant createdAt, RulesDocument document) {

    /** How a version came about. */
    public enum Origin {
        /** It is what the configuration file says. */
        FILE,
        /** The management API changed the one before. */
        CHANGE,
        /** It repeats an older one. */
        ROLLBACK
    }
}
