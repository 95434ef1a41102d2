package io.latticegate.proxy.relay;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** Sees a provider's successful answer go by, in the form in which the client receives it. Called on one event loop. */
interface AnswerTap {
    /**
     * @param provider the provider's headers
     * @param client the headers that the client is about to receive; may be added to
     */
    void head(int status, boolean stream, MultiMap provider, MultiMap client);

    /** The next bytes of the body; {@code bytes} is not to be kept. */
    void bytes(Buffer bytes);

    /** The answer is whole. */
    void whole();

    /** The exchange has ended, whether or not {@link #whole} was called before. */
    void over();
}
