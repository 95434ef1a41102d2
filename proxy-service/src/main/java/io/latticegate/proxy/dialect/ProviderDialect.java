package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ProviderError;
import java.util.List;

/** The side of a protocol that faces providers: writes requests, reads answers and errors. Stateless. */
public interface ProviderDialect {

    /** Writes a request; streaming as the request says, and then always with usage. */
    RequestWriting write(ChatRequest request);

    /**
     * Reads a complete reply with a 2xx status. Never throws: what is no reply of this protocol gives a single {@link
     * ChatEvent.Failed}.
     */
    List<ChatEvent> decodeReply(byte[] body);

    /** Begins reading a streamed answer. */
    StreamDecoder startDecoding();

    /** Classifies a reply with an error status. Never throws. */
    ProviderError decodeError(int status, byte[] body);
}
