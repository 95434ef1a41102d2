package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatRequest;
import java.util.List;

/** What came of a client's body. */
public sealed interface RequestReading {

    /** Understood; {@code dropped} names the fields that the model has no place for ({@link DroppedFields}). */
    record Read(ChatRequest request, List<String> dropped) implements RequestReading {}

    /** Wrong, or not translatable without changing its meaning. */
    record Refused(Refusal refusal) implements RequestReading {}

    /** A dialect's way from a document to a request. */
    @FunctionalInterface
    interface Reader {
        /** @throws RefusedField to refuse the request because of one of its fields */
        ChatRequest read(JsonNode root, DroppedFields dropped);
    }

    /** Reads a body that must be strict JSON ({@link StrictJson}). */
    static RequestReading of(byte[] body, Reader reader) {
        return switch (StrictJson.parse(body)) {
            case StrictJson.Parsed.Malformed(Refusal refusal) -> new Refused(refusal);
            case StrictJson.Parsed.Tree tree -> {
                try {
                    var dropped = new DroppedFields();
                    ChatRequest request = reader.read(tree.root(), dropped);
                    FilePart.checkPlaces(request);
                    yield new Read(request, dropped.names());
                } catch (RefusedField refused) {
                    yield new Refused(refused.refusal());
                }
            }
        };
    }
}
