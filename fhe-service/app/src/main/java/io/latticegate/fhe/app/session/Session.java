package io.latticegate.fhe.app.session;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;

/**
 * One key epoch of one client.
 *
 * @param id 128 random bits in hexadecimal
 * @param owner the project that has it
 * @param preset name of the parameter set
 * @param epoch 1, or one more than that of the session it replaced
 * @param expiresAt until then its keys compute without a warning
 * @param graceUntil until then they compute with one
 */
public record Session(
        String id, String owner, String preset, int epoch, Instant createdAt, Instant expiresAt, Instant graceUntil) {

    /** What may be done with a session. */
    public enum State {
        ACTIVE,
        GRACE,
        EXPIRED;

        /** The lower-case word of the wire format. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public State state(Instant now) {
        if (now.isBefore(expiresAt)) {
            return State.ACTIVE;
        }
        return now.isBefore(graceUntil) ? State.GRACE : State.EXPIRED;
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("id", id)
                .put("owner", owner)
                .put("preset", preset)
                .put("epoch", epoch)
                .put("created_at", createdAt.toString())
                .put("expires_at", expiresAt.toString())
                .put("grace_until", graceUntil.toString());
    }

    static Session from(JsonObject json) {
        return new Session(
                json.getString("id"),
                json.getString("owner"),
                json.getString("preset"),
                json.getInteger("epoch"),
                Instant.parse(json.getString("created_at")),
                Instant.parse(json.getString("expires_at")),
                Instant.parse(json.getString("grace_until")));
    }
}
