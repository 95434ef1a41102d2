package io.latticegate.auth.wallet;

import io.latticegate.common.value.WalletAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The decision on one wallet-signed claim. */
public sealed interface Admission {

    /** The claim is admitted, once, for the wallet that signed it. */
    record Admitted(WalletAddress wallet) implements Admission {}

    /**
     * The claim is refused.
     *
     * @param detail the text that clients of the wallet relay know, without any value of the message
     * @param expectedNonce a nonce that would do, or null when the nonce was not the reason
     * @param serverTime the clock that timestamps are compared with
     * @param retryAfter when the same claim could pass, or null when waiting does not help
     */
    record Refused(
            Reason reason,
            String detail,
            @Nullable Long expectedNonce,
            Instant serverTime,
            @Nullable Duration retryAfter)
            implements Admission {}

    /** Why a claim is refused, with its HTTP status and its word for programs. */
    enum Reason {
        /** Nobody can have made this signature over this digest. */
        INVALID_SIGNATURE(401, "invalid_signature"),
        /** The signer is not the wallet that the message names. */
        SIGNER_MISMATCH(401, "signer_mismatch"),
        /** The timestamp is too far from the server's clock, on either side. */
        EXPIRED(401, "request_expired"),
        /** Too many admissions of this wallet. */
        RATE_LIMITED(429, "rate_limit_exceeded"),
        /** The nonce is above the largest that is accepted. */
        NONCE_OUT_OF_RANGE(401, "nonce_out_of_range"),
        /** The nonce is below the window. */
        NONCE_TOO_LOW(401, "nonce_too_low"),
        /** The nonce, or the digest of a claim without one, was admitted before. */
        REPLAYED(401, "nonce_used"),
        /** The state cannot be asked or is full; nothing is admitted unaccounted. */
        UNAVAILABLE(503, "wallet_state_unavailable");

        private final int status;
        private final String code;

        Reason(int status, String code) {
            this.status = status;
            this.code = code;
        }

        /** The HTTP status. */
        public int status() {
            return status;
        }

        /** A stable word for programs. */
        public String code() {
            return code;
        }
    }
}
