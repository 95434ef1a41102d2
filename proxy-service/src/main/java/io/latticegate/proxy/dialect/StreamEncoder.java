package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatEvent;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Writes one streamed answer. A relay calls {@link #encode} for each event and then exactly one of: {@link #finish} when
 * the provider's stream was complete, or {@code encode(new Failed(…))} when it was not.
 */
public interface StreamEncoder {

    /** Content type of the whole stream. */
    default String contentType() {
        return "text/event-stream; charset=utf-8";
    }

    /** The bytes for one event, whole frames only; may be empty. After a failure everything is empty. */
    byte[] encode(ChatEvent event);

    /** The bytes of the protocol's proper end ({@code [DONE]}, {@code message_stop}); empty after a failure. */
    byte[] finish();

    /** The bytes for several events, in one array. */
    default byte[] encode(List<ChatEvent> events) {
        if (events.size() == 1) {
            return encode(events.getFirst());
        }
        var all = new ByteArrayOutputStream();
        for (ChatEvent event : events) {
            all.writeBytes(encode(event));
        }
        return all.toByteArray();
    }
}
