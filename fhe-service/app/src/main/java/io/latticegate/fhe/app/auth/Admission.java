package io.latticegate.fhe.app.auth;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.lease.LeaseTable;
import io.latticegate.common.lease.Reservation;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.fhe.app.http.Refusal;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Admits calls by their project token, under leases as at the proxy: a revoked token is refused within a second. Uploads and
 * jobs count as one request of the token's limit; what only reads or deletes counts as none, and is admitted under a limit that
 * is used up.
 *
 * <p>Confined to the event loop of its lease table.
 */
public final class Admission {
    private static final String BEARER = "Bearer ";
    private static final Allowance ONE_REQUEST = new Allowance(1, 0, 0);

    private final LeaseTable leases;

    public Admission(LeaseTable leases) {
        this.leases = leases;
    }

    /** A call that may go on. */
    public static final class Admitted {
        private final Caller caller;
        private final @Nullable Reservation reservation;
        private final Allowance amount;

        private Admitted(Caller caller, @Nullable Reservation reservation, Allowance amount) {
            this.caller = caller;
            this.reservation = reservation;
            this.amount = amount;
        }

        public Caller caller() {
            return caller;
        }

        /**
         * Ends the call; once, on the event loop.
         *
         * @param spent false where nothing was begun, so that the token's limit stays as it was
         */
        public void settle(boolean spent) {
            if (reservation != null) {
                reservation.settle(spent ? amount : Allowance.NONE);
            }
        }
    }

    /** Receives the outcome; exactly one method is called, possibly before {@code admit} returns. */
    public interface Outcome {
        void admitted(Admitted admitted);

        void refused(Refusal refusal);
    }

    /**
     * Decides about one call.
     *
     * @param authorization the header of this name
     * @param counts whether the call counts as a request of the token's limit
     */
    public void admit(@Nullable String authorization, boolean counts, Outcome outcome) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            outcome.refused(
                    Refusal.of(401, "missing_token", "A project token is required, as Authorization: Bearer <token>"));
            return;
        }
        String presented = authorization.substring(BEARER.length()).trim();
        if (!AccessToken.matches(presented)) {
            outcome.refused(Refusal.of(401, "invalid_token", "The token is not one that this gateway issues"));
            return;
        }
        Allowance amount = counts ? ONE_REQUEST : Allowance.NONE;
        Consumer<Reservation> granted = reservation -> outcome.admitted(
                new Admitted(new Caller(reservation.projectId(), reservation.tokenId()), reservation, amount));
        try (AccessToken token = AccessToken.of(presented)) {
            leases.reserve(token.digest(), amount, new LeaseTable.Outcome() {
                @Override
                public void reserved(Reservation reservation) {
                    granted.accept(reservation);
                }

                @Override
                public void refused(AuthApi.Refusal why, @Nullable String tokenId, @Nullable String projectId) {
                    boolean usedUp = why == AuthApi.Refusal.RATE_LIMIT_EXCEEDED;
                    if (usedUp && !counts && tokenId != null && projectId != null) {
                        outcome.admitted(new Admitted(new Caller(projectId, tokenId), null, Allowance.NONE));
                    } else {
                        outcome.refused(refusal(why));
                    }
                }

                @Override
                public void unavailable() {
                    outcome.refused(
                            Refusal.of(503, "service_unavailable", "Nothing was done: the token could not be checked"));
                }
            });
        }
    }

    private static Refusal refusal(AuthApi.Refusal why) {
        String code = why.name().toLowerCase(Locale.ROOT);
        return switch (why) {
            case TOKEN_NOT_FOUND -> Refusal.of(401, code, "The token is unknown");
            case TOKEN_INACTIVE -> Refusal.of(401, code, "The token was revoked");
            case TOKEN_EXPIRED -> Refusal.of(401, code, "The token has expired");
            case PROJECT_INACTIVE -> Refusal.of(403, code, "The token's project is inactive");
            case RATE_LIMIT_EXCEEDED -> Refusal.limit("The token's limit is used up");
        };
    }
}
