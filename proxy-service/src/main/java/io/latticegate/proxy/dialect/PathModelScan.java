package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link RequestScan} reads, from a request whose model stands in its path (Gemini, Bedrock): the limits inside
 * {@code generationConfig} or {@code inferenceConfig}, and every place where the body names the model again ({@code model}, {@code requests[].model}, {@code
 * generateContentRequest.model}). Such a name must be the one of the path, so that what is priced is what is served. Field
 * names are taken in both spellings of the JSON mapping, {@code lowerCamelCase} and {@code snake_case}.
 */
final class PathModelScan {
    private final String model;
    private final List<RequestScan.Span> modelSpans = new ArrayList<>();
    private long maxOutputTokens = -1;
    private int choices = 1;

    private PathModelScan(String model) {
        this.model = model;
    }

    static RequestScan of(byte[] body, String model, boolean stream) {
        Refusal encoding = StrictJson.encodingFault(body, 0, body.length);
        if (encoding != null) {
            return new RequestScan.Refused(encoding);
        }
        var scan = new PathModelScan(model);
        try (JsonParser parser = StrictJson.open(body, 0, body.length)) {
            scan.readRoot(parser);
            return RequestScan.Accepted.withModelInPath(
                    body, model, stream, scan.maxOutputTokens, scan.choices, scan.modelSpans);
        } catch (RefusedField refused) {
            return new RequestScan.Refused(refused.refusal());
        } catch (IOException malformed) {
            return new RequestScan.Refused(StrictJson.malformed(malformed));
        }
    }

    private void readRoot(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw new RefusedField(Refusal.invalid(
                    null,
                    first == null ? "The body is empty; a JSON object is expected" : "The body must be a JSON object"));
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case "model" -> readModel(parser, value, "model");
                case "generationConfig", "generation_config" -> readConfig(parser, value);
                case "inferenceConfig" -> readLimit(parser, value, name, "maxTokens");
                case "additionalModelRequestFields" -> readLimit(parser, value, name, "max_tokens");
                case "generateContentRequest", "generate_content_request" ->
                    readNested(parser, value, "generateContentRequest");
                case "requests" -> {
                    if (value != JsonToken.START_ARRAY) {
                        throw RefusedField.invalid("requests", "requests must be an array");
                    }
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        readNested(parser, parser.currentToken(), "requests[]");
                    }
                }
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw new RefusedField(new Refusal(400, "invalid_json", "The body goes on after the JSON object", null));
        }
    }

    private void readNested(JsonParser parser, JsonToken value, String path) throws IOException {
        if (value != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken inner = parser.nextToken();
            switch (name) {
                case "model" -> readModel(parser, inner, path + ".model");
                case "generationConfig", "generation_config" -> readConfig(parser, inner);
                default -> parser.skipChildren();
            }
        }
    }

    private void readModel(JsonParser parser, JsonToken value, String path) throws IOException {
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        int start = (int) parser.currentTokenLocation().getByteOffset();
        String named = value == JsonToken.VALUE_STRING ? parser.getText() : null;
        if (named == null || !GeminiModelName.bare(named).equals(model)) {
            throw RefusedField.invalid(path, path + " must be the model of the path, as models/{model}");
        }
        modelSpans.add(
                new RequestScan.Span(start, (int) parser.currentLocation().getByteOffset()));
    }

    private void readConfig(JsonParser parser, JsonToken value) throws IOException {
        if (value != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken setting = parser.nextToken();
            switch (name) {
                case "maxOutputTokens", "max_output_tokens" ->
                    maxOutputTokens = Math.max(
                            maxOutputTokens,
                            whole(parser, setting, "generationConfig.maxOutputTokens", 0, Integer.MAX_VALUE, -1));
                case "candidateCount", "candidate_count" ->
                    choices = Math.max(choices, (int)
                            whole(parser, setting, "generationConfig.candidateCount", 0, RequestScan.CHOICES_MAX, 1));
                default -> parser.skipChildren();
            }
        }
    }

    /** The limit of a Converse request, where the API has it and where the model's maker has it. */
    private void readLimit(JsonParser parser, JsonToken value, String owner, String limit) throws IOException {
        if (value != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken setting = parser.nextToken();
            if (name.equals(limit)) {
                maxOutputTokens = Math.max(
                        maxOutputTokens, whole(parser, setting, owner + '.' + limit, 0, Integer.MAX_VALUE, -1));
            } else {
                parser.skipChildren();
            }
        }
    }

    private static long whole(
            JsonParser parser, @Nullable JsonToken value, String path, long least, long most, long absent)
            throws IOException {
        if (value == JsonToken.VALUE_NULL) {
            return absent;
        }
        boolean fits = value == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                && parser.getLongValue() >= least
                && parser.getLongValue() <= most;
        if (!fits) {
            throw RefusedField.invalid(path, path + " must be a whole number from " + least + " to " + most);
        }
        return parser.getLongValue();
    }
}
