package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** What a request says about chance, in any dialect. */
public final class Sampling {
    /**
     * Whether the request sets a temperature above 0, at its top level, in {@code generationConfig} in either of its spellings,
     * or in {@code inferenceConfig}. A request that says
     * nothing has the model's default, which this cannot know.
     *
     * @param body a request that {@link RequestScan} has accepted
     */
    public static boolean asksForVariety(byte[] body) {
        try (JsonParser parser = StrictJson.open(body, 0, body.length)) {
            parser.nextToken();
            return variesIn(parser);
        } catch (IOException unreadable) {
            return true;
        }
    }

    private static boolean variesIn(JsonParser parser) throws IOException {
        boolean varies = false;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case "temperature" -> varies |= value.isNumeric() && parser.getDoubleValue() > 0;
                case "generationConfig", "generation_config", "inferenceConfig" ->
                    varies |= value == JsonToken.START_OBJECT && variesIn(parser);
                default -> {}
            }
            parser.skipChildren();
        }
        return varies;
    }

    private Sampling() {}
}
