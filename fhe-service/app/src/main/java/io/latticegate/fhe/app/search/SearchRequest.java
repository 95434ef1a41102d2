package io.latticegate.fhe.app.search;

import io.latticegate.fhe.app.http.Members;
import io.latticegate.fhe.app.http.Refusal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of its query.
 *
 * @param session whose key the query is under
 * @param job the client's name for the job
 */
record SearchRequest(
        String session, Duration deadline, @Nullable String job) {
    private static final int DEADLINE_MILLIS = 30_000;

    /** @throws Refusal 400 */
    static SearchRequest from(JsonObject json, Duration maxDeadline) {
        Members members = new Members(json, "Frame 0", "session", "deadline_ms", "job");
        int longest = Math.toIntExact(maxDeadline.toMillis());
        return new SearchRequest(
                members.text("session"),
                Duration.ofMillis(members.number("deadline_ms", 1, longest, Math.min(longest, DEADLINE_MILLIS))),
                members.findText("job"));
    }
}
