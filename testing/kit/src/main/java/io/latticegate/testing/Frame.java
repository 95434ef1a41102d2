package io.latticegate.testing;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * One write of a response body: an SSE event, or a slice of a plain body.
 *
 * @param content whether a script's counts see this frame: it carries text or tool arguments
 */
record Frame(Buffer bytes, boolean content) {
    static Frame of(String text) {
        return new Frame(Buffer.buffer(text), false);
    }

    /** An event without a name, as OpenAI sends it. */
    static Frame data(JsonObject json, boolean content) {
        return new Frame(Buffer.buffer("data: " + json.encode() + "\n\n"), content);
    }

    /** An event with a name, which is also its {@code type}, as Anthropic and OpenAI's Responses send it. */
    static Frame event(JsonObject json, boolean content) {
        return new Frame(
                Buffer.buffer("event: " + json.getString("type") + "\ndata: " + json.encode() + "\n\n"), content);
    }
}
