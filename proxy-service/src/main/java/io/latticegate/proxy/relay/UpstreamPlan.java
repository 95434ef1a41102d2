package io.latticegate.proxy.relay;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What to send to a provider and how to answer.
 *
 * @param uri path and query at the provider
 * @param headers adds to the request's headers
 * @param reply the path of a successful answer; the argument tells whether it is an event stream
 * @param passErrors whether the provider's own error answers reach the client unchanged (same protocol)
 * @param answered adds to the client's response head
 * @param jsonOnly whether a successful answer that is no event stream must be JSON by its {@code Content-Type}
 */
record UpstreamPlan(
        HttpMethod method,
        String uri,
        Buffer body,
        Consumer<MultiMap> headers,
        Function<Boolean, ReplyPath> reply,
        boolean passErrors,
        Consumer<MultiMap> answered,
        boolean jsonOnly) {
    /** The same with another form of the client's answer. */
    UpstreamPlan withReply(Function<Boolean, ReplyPath> other) {
        return new UpstreamPlan(method, uri, body, headers, other, passErrors, answered, jsonOnly);
    }

    /** Takes any type of content. */
    UpstreamPlan(
            HttpMethod method,
            String uri,
            Buffer body,
            Consumer<MultiMap> headers,
            Function<Boolean, ReplyPath> reply,
            boolean passErrors,
            Consumer<MultiMap> answered) {
        this(method, uri, body, headers, reply, passErrors, answered, false);
    }
}
