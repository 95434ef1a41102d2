package io.latticegate.common.journal;

import java.util.Locale;

/**
 * Who did it.
 *
 * @param kind what sort of principal
 * @param id the token's id (never the token), the wallet address, or a name; empty for the anonymous
 */
public record AuditActor(Kind kind, String id) {
    /** Nobody that we know. */
    public static final AuditActor ANONYMOUS = new AuditActor(Kind.ANONYMOUS, "");

    /** Sorts of principals. */
    public enum Kind {
        /** Nobody that we know. */
        ANONYMOUS(0),
        /** A project token. */
        TOKEN(1),
        /** An Ethereum wallet. */
        WALLET(2),
        /** The holder of the management token. */
        MANAGEMENT(3),
        /** Latticegate itself. */
        SYSTEM(4),
        /** A person or service that an OIDC provider vouched for. */
        IDENTITY(5);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The number that stands for it in an encoded record; never given to another. */
        public int code() {
            return code;
        }

        /** The lower-case word of the wire format. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
