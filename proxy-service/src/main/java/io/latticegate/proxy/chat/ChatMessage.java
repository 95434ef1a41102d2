package io.latticegate.proxy.chat;

import java.util.List;

/**
 * One turn of a conversation. Tool results are parts of a {@link Role#USER} message, also for protocols that have a role
 * of their own for them.
 */
public record ChatMessage(Role role, List<ContentPart> content) {

    /** Who speaks. {@link #SYSTEM} occurs only after the first turn; leading instructions are the request's system. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }

    public ChatMessage {
        content = List.copyOf(content);
    }
}
