package io.latticegate.admin.manage;

import io.latticegate.admin.session.Account;
import io.latticegate.admin.session.Accounts;
import io.latticegate.admin.session.PrincipalToken;
import io.latticegate.admin.session.SessionKey;
import io.latticegate.admin.session.Sessions;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.store.StoreFault;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides who makes a request: the holder of the management token, a principal by its own token, or whoever is signed in by
 * the session of a cookie. An {@code Authorization} header counts before a cookie. A cookie comes with requests that other
 * pages make too, so with it a change needs the session's CSRF token, and whatever a page of another origin asks for is
 * refused before anything is looked up.
 *
 * <p>Tokens are compared by their SHA-256 in constant time. Failures count per address ({@link FailedLogins}); a cookie of a
 * session that has ended is no failure, and what other pages send is none either, so that nobody is locked out by a page that
 * he happens to look at.
 */
final class Authentication {
    private static final String LOGIN = "admin.login";
    private static final String ACCESS = "admin.access";

    private final ManagementCredential management;
    private final Accounts accounts;
    private final Sessions sessions;
    private final FailedLogins failures;
    private final FailedLogins noted;
    private final boolean cookies;
    private final @Nullable URI origin;

    /** Whose token was presented. */
    sealed interface Bearer {
        /** The management token. */
        record Management() implements Bearer {}

        /** A principal's. */
        record Named(Account account) implements Bearer {}
    }

    /** Who makes a request, or why it is refused. */
    sealed interface Admission {
        /** It may be made, as far as its principal's role goes. */
        record Admitted(Principal principal) implements Admission {}

        /**
         * It is refused.
         *
         * @param action in the audit
         * @param reason in the audit
         * @param recorded whether it has an entry there: what anybody may send without end has none beyond a bound
         */
        record Denied(Refused refused, String action, AuditActor actor, String reason, boolean recorded)
                implements Admission {}
    }

    /**
     * @param failures of presented credentials
     * @param noted bounds the entries of refusals that are no failures
     * @param cookies whether sessions are accepted
     * @param origin under which browsers reach this gateway; null: whatever host they name
     */
    Authentication(
            ManagementCredential management,
            Accounts accounts,
            Sessions sessions,
            FailedLogins failures,
            FailedLogins noted,
            boolean cookies,
            @Nullable URI origin) {
        this.management = management;
        this.accounts = accounts;
        this.sessions = sessions;
        this.failures = failures;
        this.noted = noted;
        this.cookies = cookies;
        this.origin = origin;
    }

    /** Refuses what needs no look-up; empty: go on. */
    Optional<Admission.Denied> refusal(ManageRequest head, Credentials presented) {
        long wait = failures.waitSeconds(head.clientIp());
        if (wait > 0) {
            Refused refused = Refused.denied(
                    429,
                    "too many failed authentications from this address; try again in " + wait + " s",
                    "Retry-After",
                    Long.toString(wait));
            return Optional.of(new Admission.Denied(refused, LOGIN, AuditActor.ANONYMOUS, "", false));
        }
        if (presented.fromElsewhere(origin)) {
            return Optional.of(new Admission.Denied(
                    Refused.denied(403, "requests from pages of another origin are refused"),
                    ACCESS,
                    AuditActor.ANONYMOUS,
                    "a page of another origin",
                    note(head)));
        }
        return Optional.empty();
    }

    /**
     * Who makes the request.
     *
     * @throws Refused 503 when that cannot be looked up
     */
    Admission admit(ManageRequest head, Credentials presented) {
        if (!presented.authorization().isEmpty()
                || !cookies
                || presented.cookies().isEmpty()) {
            byte[] token = ManagementCredential.bearer(presented.authorization());
            try {
                return recognised(token)
                        .flatMap(Authentication::principal)
                        .<Admission>map(Admission.Admitted::new)
                        .orElseGet(() -> failed(head));
            } finally {
                Arrays.fill(token, (byte) 0);
            }
        }
        return bySession(head, presented);
    }

    /**
     * Whose token that is, if it is anybody's.
     *
     * @throws Refused 503 when that cannot be looked up
     */
    Optional<Bearer> recognised(byte[] token) {
        if (management.matches(token)) {
            return Optional.of(new Bearer.Management());
        }
        if (!PrincipalToken.matches(token)) {
            return Optional.empty();
        }
        try {
            return accounts.admit(PrincipalToken.digest(token)).map(Bearer.Named::new);
        } catch (StoreFault fault) {
            throw unanswered();
        }
    }

    /** Notes a failure of the address; the refusal with its words for the audit. */
    Admission.Denied failed(ManageRequest head) {
        boolean last = failures.failed(head.clientIp());
        return new Admission.Denied(
                Refused.denied(
                        401,
                        "a valid management token is required",
                        "WWW-Authenticate",
                        "Bearer realm=\"latticegate\""),
                LOGIN,
                AuditActor.ANONYMOUS,
                last ? "no valid management token; the address has to wait" : "no valid management token",
                true);
    }

    static Optional<Principal> principal(Bearer bearer) {
        return switch (bearer) {
            case Bearer.Management() -> Optional.of(Principal.MANAGEMENT);
            case Bearer.Named(Account account) -> Principal.of(account);
        };
    }

    /** The live session of a cookie. */
    Optional<Sessions.Live> session(Credentials presented) {
        if (!cookies) {
            return Optional.empty();
        }
        try {
            return presented.session().flatMap(SessionKey::parse).flatMap(sessions::find);
        } catch (StoreFault fault) {
            throw unanswered();
        }
    }

    private Admission bySession(ManageRequest head, Credentials presented) {
        Optional<Principal> signedIn =
                session(presented).map(Sessions.Live::holder).flatMap(Principal::of);
        if (signedIn.isEmpty()) {
            return new Admission.Denied(
                    Refused.failed(401, "the session has ended; sign in again", "session_ended"),
                    LOGIN,
                    AuditActor.ANONYMOUS,
                    "no live session",
                    note(head));
        }
        Principal principal = signedIn.get();
        if (changes(head) && !hasCsrfToken(presented)) {
            return new Admission.Denied(
                    Refused.denied(403, "with a session, a change needs its X-CSRF-Token"),
                    ACCESS,
                    principal.actor(),
                    "no valid CSRF token",
                    true);
        }
        return new Admission.Admitted(principal);
    }

    /** Whether the request bears the token of its own session. */
    static boolean hasCsrfToken(Credentials presented) {
        return presented
                .session()
                .flatMap(SessionKey::parse)
                .map(key -> MessageDigest.isEqual(
                        key.csrfToken().getBytes(StandardCharsets.US_ASCII),
                        presented.csrfToken().getBytes(StandardCharsets.UTF_8)))
                .orElse(false);
    }

    private static boolean changes(ManageRequest head) {
        return !head.method().equals("GET") && !head.method().equals("HEAD");
    }

    /** Whether there is still room for an entry about this address in this minute. */
    private boolean note(ManageRequest head) {
        if (noted.waitSeconds(head.clientIp()) > 0) {
            return false;
        }
        boolean unused = noted.failed(head.clientIp());
        return true;
    }

    private static Refused unanswered() {
        return Refused.unavailable(
                "who you are cannot be looked up, since the store does not answer; nothing was done");
    }
}
