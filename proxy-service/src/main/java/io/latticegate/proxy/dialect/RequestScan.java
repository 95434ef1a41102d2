package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the hot path must know of a JSON request that passes through unchanged, read in one streaming pass without a tree:
 * a few top-level fields and where two of them stand, so that the model's name and {@code include_usage} can be put in
 * by cutting and joining bytes. Everything else is checked for being strict JSON ({@link StrictJson}) and skipped.
 *
 * <p>Typical use:
 *
 * <pre>{@code
 * switch (RequestScan.of(body, 0, length)) {
 *     case RequestScan.Refused(Refusal refusal) -> answer(dialect.refusal(refusal));
 *     case RequestScan.Accepted seen -> forward(seen.rewritten(upstreamModel, seen.streamsWithoutUsage()));
 * }
 * }</pre>
 */
public sealed interface RequestScan {

    /** The most answers that one request may ask for ({@code n}, {@code best_of}). */
    int CHOICES_MAX = 128;

    /** The longest model name, in characters. */
    int MODEL_LENGTH_MAX = 256;

    /** Why the request goes nowhere; status 400. */
    record Refused(Refusal refusal) implements RequestScan {}

    /**
     * A well-formed request.
     *
     * <p>Holds the scanned array, not a copy: it must not be changed while this object is used.
     */
    final class Accepted implements RequestScan {
        private static final int NULL_LENGTH = 4;
        private static final int FALSE_LENGTH = 5;
        private static final byte[] NOTHING = {};
        private static final byte[] TRUE = ascii("true");
        private static final byte[] INCLUDE_USAGE = ascii("\"include_usage\":true");
        private static final byte[] INCLUDE_USAGE_COMMA = ascii("\"include_usage\":true,");
        private static final byte[] OPTIONS_VALUE = ascii("{\"include_usage\":true}");
        private static final byte[] STREAM_OPTIONS = ascii("\"stream_options\":{\"include_usage\":true}");
        private static final byte[] STREAM_OPTIONS_COMMA = ascii("\"stream_options\":{\"include_usage\":true},");

        private final byte[] body;
        private final int offset;
        private final int length;
        private @Nullable String model;
        private @Nullable String user;
        private @Nullable String metadataUser;
        private boolean stream;
        private boolean background;
        private boolean includeUsage;
        private long maxOutputTokens = -1;
        private int choices = 1;

        private int afterRootBrace;
        private boolean rootEmpty = true;
        private int modelStart = -1;
        private int modelEnd = -1;
        private int streamOptionsStart = -1;
        private int streamOptionsEnd = -1;
        private boolean streamOptionsObject;
        private boolean streamOptionsEmpty = true;
        private int includeUsageStart = -1;
        private int includeUsageEnd = -1;
        private List<Span> pathModelSpans = List.of();

        private Accepted(byte[] body, int offset, int length) {
            this.body = body;
            this.offset = offset;
            this.length = length;
        }

        static Accepted withModelInPath(
                byte[] body, String model, boolean stream, long maxOutputTokens, int choices, List<Span> modelSpans) {
            var accepted = new Accepted(body, 0, body.length);
            accepted.model = model;
            accepted.stream = stream;
            accepted.includeUsage = true;
            accepted.maxOutputTokens = maxOutputTokens;
            accepted.choices = choices;
            accepted.pathModelSpans = List.copyOf(modelSpans);
            return accepted;
        }

        /** The model: top-level {@code model}, or the path's; null when there is neither. */
        public @Nullable String model() {
            return model;
        }

        /** The end user: top-level {@code user}, else {@code metadata.user_id}, or null when neither is there. */
        public @Nullable String user() {
            return user != null ? user : metadataUser;
        }

        /** Top-level {@code stream}; false when absent. */
        public boolean stream() {
            return stream;
        }

        /**
         * Whether top-level {@code background} is there and neither false nor null. In the Responses API it makes OpenAI go on
         * when the connection is gone; elsewhere it means other things, so that its value is not judged here.
         */
        public boolean background() {
            return background;
        }

        /** Whether the client itself asked for {@code stream_options.include_usage}. */
        public boolean includeUsage() {
            return includeUsage;
        }

        /** A stream whose usage the client did not ask for: the case in which {@code include_usage} is injected. */
        public boolean streamsWithoutUsage() {
            return stream && !includeUsage;
        }

        /**
         * The largest of {@code max_tokens}, {@code max_completion_tokens}, {@code max_output_tokens} and {@code
         * max_new_tokens}, or -1 when the request sets none. The largest, because a provider may honour any of them and a
         * reservation must not be too small.
         */
        public long maxOutputTokens() {
            return maxOutputTokens;
        }

        /** How many answers are generated: the larger of {@code n} and {@code best_of}, 1 when absent. */
        public int choices() {
            return choices;
        }

        /** The scanned bytes, unchanged; a copy only when the scan covered a part of a larger array. */
        public byte[] body() {
            return offset == 0 && length == body.length ? body : slice(offset, offset + length);
        }

        /** The body with {@code "stream_options":{"include_usage":true}}; all other bytes as they came. */
        public byte[] withIncludeUsage() {
            return rewritten(null, true);
        }

        /** The body with another model name; all other bytes as they came. */
        public byte[] withModel(String upstreamModel) {
            return rewritten(upstreamModel, false);
        }

        /**
         * Both replacements in one copy. Returns the scanned array itself when there is nothing to replace: no model
         * given or the same one, and no usage wanted or already asked for.
         *
         * @param upstreamModel the name to put in the place of {@code model}; null keeps it. Put in only if the request
         *     has a model.
         * @param injectUsage whether the provider shall be asked for usage
         */
        public byte[] rewritten(@Nullable String upstreamModel, boolean injectUsage) {
            if (!pathModelSpans.isEmpty() && upstreamModel != null) {
                return renamedAsInPath(upstreamModel);
            }
            boolean renames = upstreamModel != null && modelStart >= 0 && !upstreamModel.equals(model);
            boolean injects = injectUsage && !includeUsage;
            if (!renames && !injects) {
                return body();
            }
            byte[] name = upstreamModel != null && renames ? quoted(upstreamModel) : NOTHING;
            byte[] usage = NOTHING;
            int usageFrom = -1;
            int usageTo = -1;
            if (injects && includeUsageStart >= 0) {
                usage = TRUE;
                usageFrom = includeUsageStart;
                usageTo = includeUsageEnd;
            } else if (injects && streamOptionsObject) {
                usage = streamOptionsEmpty ? INCLUDE_USAGE : INCLUDE_USAGE_COMMA;
                usageFrom = streamOptionsStart + 1;
                usageTo = usageFrom;
            } else if (injects && streamOptionsStart >= 0) {
                usage = OPTIONS_VALUE;
                usageFrom = streamOptionsStart;
                usageTo = streamOptionsEnd;
            } else if (injects) {
                usage = rootEmpty ? STREAM_OPTIONS : STREAM_OPTIONS_COMMA;
                usageFrom = afterRootBrace;
                usageTo = usageFrom;
            }
            boolean usageFirst = usageFrom >= 0 && (!renames || usageFrom < modelStart);
            var out = new Splice(length + name.length + usage.length);
            if (usageFirst) {
                out.replace(usageFrom, usageTo, usage);
            }
            if (renames) {
                out.replace(modelStart, modelEnd, name);
            }
            if (!usageFirst && usageFrom >= 0) {
                out.replace(usageFrom, usageTo, usage);
            }
            return out.finish();
        }

        private byte[] renamedAsInPath(String upstreamModel) {
            byte[] name = quoted(GeminiModelName.resource(upstreamModel));
            var out = new Splice(length + name.length * pathModelSpans.size());
            for (Span span : pathModelSpans) {
                out.replace(span.from(), span.to(), name);
            }
            return out.finish();
        }

        private @Nullable Refusal read(JsonParser parser) throws IOException {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return Refusal.invalid(null, "The body is empty; a JSON object is expected");
            }
            if (first != JsonToken.START_OBJECT) {
                return Refusal.invalid(null, "The body must be a JSON object");
            }
            afterRootBrace = end(parser);
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                rootEmpty = false;
                JsonToken value = parser.nextToken();
                Refusal refusal = switch (name) {
                    case "model" -> readModel(parser, value);
                    case "user" -> readUser(parser, value);
                    case "metadata" -> readMetadata(parser, value);
                    case "stream" -> readStream(value);
                    case "background" -> {
                        background = value != JsonToken.VALUE_FALSE && value != JsonToken.VALUE_NULL;
                        parser.skipChildren();
                        yield null;
                    }
                    case "max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens" ->
                        readLimit(parser, value, name);
                    case "n", "best_of" -> readChoices(parser, value, name);
                    case "stream_options" -> readStreamOptions(parser, value);
                    default -> {
                        parser.skipChildren();
                        yield null;
                    }
                };
                if (refusal != null) {
                    return refusal;
                }
            }
            if (parser.nextToken() != null) {
                return new Refusal(400, "invalid_json", "The body goes on after the JSON object", null);
            }
            return null;
        }

        private @Nullable Refusal readModel(JsonParser parser, JsonToken value) throws IOException {
            if (value != JsonToken.VALUE_STRING) {
                return Refusal.invalid("model", "model must be a string");
            }
            modelStart = start(parser);
            String name = parser.getText();
            modelEnd = end(parser);
            if (name.isEmpty() || name.length() > MODEL_LENGTH_MAX) {
                return Refusal.invalid("model", "model must have 1 to " + MODEL_LENGTH_MAX + " characters");
            }
            model = name;
            return null;
        }

        private @Nullable Refusal readUser(JsonParser parser, JsonToken value) throws IOException {
            if (value == JsonToken.VALUE_STRING) {
                user = parser.getText();
                return null;
            }
            return value == JsonToken.VALUE_NULL ? null : Refusal.invalid("user", "user must be a string");
        }

        /** Whatever else {@code metadata} is, the provider judges it. */
        private @Nullable Refusal readMetadata(JsonParser parser, JsonToken value) throws IOException {
            if (value != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return null;
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() == JsonToken.VALUE_STRING && name.equals("user_id")) {
                    metadataUser = parser.getText();
                } else {
                    parser.skipChildren();
                }
            }
            return null;
        }

        private @Nullable Refusal readStream(JsonToken value) {
            stream = value == JsonToken.VALUE_TRUE;
            boolean isFlag = stream || value == JsonToken.VALUE_FALSE || value == JsonToken.VALUE_NULL;
            return isFlag ? null : Refusal.invalid("stream", "stream must be true or false");
        }

        private @Nullable Refusal readLimit(JsonParser parser, JsonToken value, String name) throws IOException {
            if (value == JsonToken.VALUE_NULL) {
                return null;
            }
            long limit = wholeNumber(parser, value);
            if (limit < 0 || limit > Integer.MAX_VALUE) {
                return Refusal.invalid(name, name + " must be a whole number from 0 to " + Integer.MAX_VALUE);
            }
            maxOutputTokens = Math.max(maxOutputTokens, limit);
            return null;
        }

        private @Nullable Refusal readChoices(JsonParser parser, JsonToken value, String name) throws IOException {
            if (value == JsonToken.VALUE_NULL) {
                return null;
            }
            long wanted = wholeNumber(parser, value);
            if (wanted < 1 || wanted > CHOICES_MAX) {
                return Refusal.invalid(name, name + " must be a whole number from 1 to " + CHOICES_MAX);
            }
            choices = Math.max(choices, (int) wanted);
            return null;
        }

        private @Nullable Refusal readStreamOptions(JsonParser parser, JsonToken value) throws IOException {
            streamOptionsStart = start(parser);
            if (value == JsonToken.VALUE_NULL) {
                streamOptionsEnd = streamOptionsStart + NULL_LENGTH;
                return null;
            }
            if (value != JsonToken.START_OBJECT) {
                return Refusal.invalid("stream_options", "stream_options must be an object");
            }
            streamOptionsObject = true;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                streamOptionsEmpty = false;
                JsonToken option = parser.nextToken();
                if (!name.equals("include_usage")) {
                    parser.skipChildren();
                    continue;
                }
                includeUsageStart = start(parser);
                switch (option) {
                    case VALUE_TRUE -> includeUsage = true;
                    case VALUE_FALSE -> includeUsageEnd = includeUsageStart + FALSE_LENGTH;
                    case VALUE_NULL -> includeUsageEnd = includeUsageStart + NULL_LENGTH;
                    default -> {
                        return Refusal.invalid(
                                "stream_options.include_usage", "stream_options.include_usage must be true or false");
                    }
                }
            }
            return null;
        }

        /** The value, or -1 when it is no whole number that fits. */
        private static long wholeNumber(JsonParser parser, JsonToken value) throws IOException {
            if (value != JsonToken.VALUE_NUMBER_INT || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                return -1;
            }
            return parser.getLongValue();
        }

        private static int start(JsonParser parser) {
            return (int) parser.currentTokenLocation().getByteOffset();
        }

        private static int end(JsonParser parser) {
            return (int) parser.currentLocation().getByteOffset();
        }

        private byte[] slice(int from, int to) {
            return Arrays.copyOfRange(body, from, to);
        }

        private static byte[] quoted(String text) {
            byte[] escaped = JsonStringEncoder.getInstance().quoteAsUTF8(text);
            byte[] quoted = new byte[escaped.length + 2];
            quoted[0] = '"';
            System.arraycopy(escaped, 0, quoted, 1, escaped.length);
            quoted[quoted.length - 1] = '"';
            return quoted;
        }

        /** Copies the body from left to right with some spans replaced. Positions are relative to the scan's start. */
        private final class Splice {
            private final byte[] out;
            private int written;
            private int read;

            Splice(int capacity) {
                this.out = new byte[capacity];
            }

            void replace(int from, int to, byte[] by) {
                copyUpTo(from);
                System.arraycopy(by, 0, out, written, by.length);
                written += by.length;
                read = to;
            }

            byte[] finish() {
                copyUpTo(length);
                return written == out.length ? out : Arrays.copyOf(out, written);
            }

            private void copyUpTo(int position) {
                System.arraycopy(body, offset + read, out, written, position - read);
                written += position - read;
                read = position;
            }
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** From where to where a value stands, quotes included. */
    record Span(int from, int to) {}

    /**
     * Scans a request whose model and form of answer stand in its path (Gemini).
     *
     * @param model as the path names it; a name in the body must be the same
     */
    static RequestScan withModelInPath(byte[] body, String model, boolean stream) {
        return PathModelScan.of(body, model, stream);
    }

    /** Scans a whole array. */
    static RequestScan of(byte[] body) {
        return of(body, 0, body.length);
    }

    /** Scans {@code length} bytes from {@code offset}. Never throws for any content. */
    static RequestScan of(byte[] body, int offset, int length) {
        Refusal encoding = StrictJson.encodingFault(body, offset, length);
        if (encoding != null) {
            return new Refused(encoding);
        }
        var seen = new Accepted(body, offset, length);
        try (JsonParser parser = StrictJson.open(body, offset, length)) {
            Refusal refusal = seen.read(parser);
            return refusal == null ? seen : new Refused(refusal);
        } catch (IOException malformed) {
            return new Refused(StrictJson.malformed(malformed));
        }
    }
}
