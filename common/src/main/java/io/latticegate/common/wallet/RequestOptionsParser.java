package io.latticegate.common.wallet;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one {@code options} object. Keeps the first fault and reads on, so that the document's syntax is still checked. */
final class RequestOptionsParser {

    private static final int STOP_COUNT_MAX = 4;
    private static final int STOP_LENGTH_MAX = 256;
    private static final String STOP_SHAPE =
            "options.stop must be a string or 1 to 4 strings, each of 1 to 256 characters";

    private final JsonParser json;
    private final int maxTokensMax;
    private @Nullable String fault;
    private @Nullable Double temperature;
    private @Nullable Double topP;
    private @Nullable Integer maxTokens;
    private final List<String> stop = new ArrayList<>();
    private @Nullable Double presencePenalty;
    private @Nullable Double frequencyPenalty;
    private @Nullable Long seed;

    RequestOptionsParser(JsonParser json, int maxTokensMax) {
        this.json = json;
        this.maxTokensMax = maxTokensMax;
    }

    /** Reads the object whose opening brace is the parser's current token. */
    RequestOptions parse() throws IOException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            if (value == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (name) {
                case "temperature" -> temperature = number(name, 0, 2);
                case "top_p" -> topP = number(name, 0, 1);
                case "presence_penalty" -> presencePenalty = number(name, -2, 2);
                case "frequency_penalty" -> frequencyPenalty = number(name, -2, 2);
                case "max_tokens" -> {
                    Long count = integer(name, 1, maxTokensMax);
                    maxTokens = count == null ? null : Math.toIntExact(count);
                }
                case "seed" -> seed = integer(name, Long.MIN_VALUE, Long.MAX_VALUE);
                case "stop" -> stop(value);
                case "model" -> json.skipChildren();
                default -> {
                    fault("unknown member: options." + Faults.clip(name)
                            + "; allowed are temperature, top_p, max_tokens, stop, presence_penalty,"
                            + " frequency_penalty, seed");
                    json.skipChildren();
                }
            }
        }
        return new RequestOptions(temperature, topP, maxTokens, stop, presencePenalty, frequencyPenalty, seed);
    }

    /** What is wrong with the options, or null. */
    @Nullable
    String fault() {
        return fault;
    }

    private @Nullable Double number(String name, int min, int max) throws IOException {
        if (json.currentToken().isNumeric()) {
            double value = json.getDoubleValue();
            if (value >= min && value <= max) {
                return value;
            }
        }
        json.skipChildren();
        fault("options." + name + " must be a number from " + min + " to " + max);
        return null;
    }

    private @Nullable Long integer(String name, long min, long max) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            BigInteger value = json.getBigIntegerValue();
            if (value.bitLength() < Long.SIZE && value.longValue() >= min && value.longValue() <= max) {
                return value.longValue();
            }
        }
        json.skipChildren();
        fault("options." + name + " must be an integer from " + min + " to " + max);
        return null;
    }

    private void stop(JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            stopText();
        } else if (value == JsonToken.START_ARRAY) {
            for (JsonToken item = json.nextToken(); item != JsonToken.END_ARRAY; item = json.nextToken()) {
                if (item == JsonToken.VALUE_STRING && stop.size() < STOP_COUNT_MAX) {
                    stopText();
                } else {
                    json.skipChildren();
                    fault(STOP_SHAPE);
                }
            }
            if (stop.isEmpty()) {
                fault(STOP_SHAPE);
            }
        } else {
            json.skipChildren();
            fault(STOP_SHAPE);
        }
    }

    private void stopText() throws IOException {
        String text = json.getText();
        if (text.isEmpty() || text.length() > STOP_LENGTH_MAX || Faults.hasLoneSurrogate(text)) {
            fault(STOP_SHAPE);
        } else {
            stop.add(text);
        }
    }

    private void fault(String what) {
        if (fault == null) {
            fault = what;
        }
    }
}
