package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatEvent;
import java.util.function.Consumer;

/** Reads one streamed answer as its bytes arrive. Never throws for any content. */
public interface StreamDecoder {

    /** Takes the next bytes and hands out the events that they complete. Nothing follows a {@link ChatEvent.Failed}. */
    void feed(byte[] chunk, int offset, int length, Consumer<ChatEvent> sink);

    /**
     * Tells that the bytes have ended. A stream that was neither {@link #complete()} nor failed was cut: hands out a
     * {@link ChatEvent.Failed} with code {@code provider_stream_cut}.
     */
    void end(Consumer<ChatEvent> sink);

    /** Whether the protocol's own proper end was seen. */
    boolean complete();
}
