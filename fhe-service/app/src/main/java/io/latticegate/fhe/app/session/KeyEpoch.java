package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.http.Call;
import java.time.Instant;

/** What an answer says of the epoch of its keys. */
public final class KeyEpoch {
    /** Adds the warning where the session is in its grace period. */
    public static void announce(Call call, Session session, Instant now) {
        if (session.state(now) == Session.State.GRACE) {
            call.warn(
                    "299 - \"key epoch expired at " + session.expiresAt() + "; it computes until "
                            + session.graceUntil() + "\"",
                    session.epoch() + "; grace");
        }
    }

    private KeyEpoch() {}
}
