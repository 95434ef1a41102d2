package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatRequest;
import java.util.List;

/** What came of a client's body. */
public sealed interface RequestReading {

    /** Understood; {@code dropped} names the fields that the model has no place for ({@link DroppedFields}). */
    record Read(ChatRequest request, List<String> dropped) implements RequestReading {}

    /** Wrong, or not translatable without changing its meaning. */
    record Refused(Refusal refusal) implements RequestReading {}
}
