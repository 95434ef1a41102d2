package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The arguments of a tool call where a protocol has them as an object; the model has them as the text of one. */
public final class ToolArguments {
    /**
     * Writes them as a value.
     *
     * @param text blank for none
     * @param path of the message that the call stands in
     * @throws RefusedField where the text is no JSON object
     */
    public static void write(JsonGenerator json, String text, String path) throws IOException {
        if (text.isBlank()) {
            json.writeStartObject();
            json.writeEndObject();
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        JsonNode arguments = StrictJson.parseReply(bytes, 0, bytes.length);
        if (arguments == null || !arguments.isObject()) {
            throw RefusedField.invalid(
                    path + ".tool_calls", "The arguments of a tool call in " + path + " must be a JSON object as text");
        }
        json.writeTree(arguments);
    }

    private ToolArguments() {}
}
