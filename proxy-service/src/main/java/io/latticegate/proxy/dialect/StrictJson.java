package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * JSON as RFC 8259 writes it and no other: UTF-8 without a byte order mark, no duplicate key at any level, nothing after
 * the value, at most {@value #DEPTH_MAX} levels and {@value #TOKENS_MAX} tokens. Two readers of the same bytes, this
 * gateway and the provider, then cannot understand different things (C-45).
 */
public final class StrictJson {

    /** The deepest nesting that is read, in arrays and objects. */
    public static final int DEPTH_MAX = 64;

    /** The most tokens that one document may have. */
    public static final int TOKENS_MAX = 100_000;

    /** The most tokens of one reply that becomes a tree; a node of it takes about a hundred bytes. */
    static final int REPLY_TOKENS_MAX = 250_000;

    private static final int NUMBER_LENGTH_MAX = 100;
    private static final int STRING_LENGTH_MAX = 64 * 1024 * 1024;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxTokenCount(TOKENS_MAX)
                    .maxNumberLength(NUMBER_LENGTH_MAX)
                    .maxStringLength(STRING_LENGTH_MAX)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private static final JsonMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final JsonMapper REPLIES = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(4 * DEPTH_MAX)
                            .maxTokenCount(REPLY_TOKENS_MAX)
                            .maxNumberLength(NUMBER_LENGTH_MAX)
                            .maxStringLength(STRING_LENGTH_MAX)
                            .build())
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build())
            .build();

    /** A document, or why it is none. */
    public sealed interface Parsed {
        /** The document; never Java null, never a missing node. */
        record Tree(JsonNode root) implements Parsed {}

        /** What is wrong with the bytes and at which of them. */
        record Malformed(Refusal refusal) implements Parsed {}
    }

    private StrictJson() {}

    /** Reads a whole document into a tree. Never throws. */
    public static Parsed parse(byte[] bytes, int offset, int length) {
        Refusal encoding = encodingFault(bytes, offset, length);
        if (encoding != null) {
            return new Parsed.Malformed(encoding);
        }
        try {
            JsonNode root = MAPPER.readTree(bytes, offset, length);
            if (root.isMissingNode()) {
                return new Parsed.Malformed(Refusal.invalid(null, "The body is empty; a JSON object is expected"));
            }
            return new Parsed.Tree(root);
        } catch (IOException malformed) {
            return new Parsed.Malformed(malformed(malformed));
        }
    }

    /** Reads the whole array. */
    public static Parsed parse(byte[] bytes) {
        return parse(bytes, 0, bytes.length);
    }

    /**
     * Reads what a provider sent: any JSON value, without the strictness that keeps two readers of a request together but
     * within bounds of depth, tokens and digits. Null when it is no JSON or exceeds them.
     */
    public static @Nullable JsonNode parseReply(byte[] bytes, int offset, int length) {
        try {
            JsonNode root = REPLIES.readTree(bytes, offset, length);
            return root == null || root.isMissingNode() ? null : root;
        } catch (IOException malformed) {
            return null;
        }
    }

    /** Opens a parser over bytes that {@link #encodingFault} has passed. */
    static JsonParser open(byte[] bytes, int offset, int length) throws IOException {
        return FACTORY.createParser(bytes, offset, length);
    }

    /**
     * What keeps the bytes from being UTF-8 JSON text, or null. A NUL among the first bytes would make Jackson guess
     * UTF-16 or UTF-32, and a byte order mark would be skipped silently.
     */
    static @Nullable Refusal encodingFault(byte[] bytes, int offset, int length) {
        int invalid = Utf8.firstInvalid(bytes, offset, length);
        if (invalid >= 0) {
            return new Refusal(400, "invalid_utf8", "The body is not valid UTF-8 at byte " + (invalid - offset), null);
        }
        if (length >= 3 && bytes[offset] == (byte) 0xEF && bytes[offset + 1] == (byte) 0xBB) {
            return new Refusal(
                    400, "invalid_json", "The body starts with a byte order mark; plain UTF-8 is expected", null);
        }
        for (int i = 0; i < Math.min(4, length); i++) {
            if (bytes[offset + i] == 0) {
                return new Refusal(
                        400, "invalid_json", "The body has a NUL at byte " + i + "; UTF-8 JSON is expected", null);
            }
        }
        return null;
    }

    /** Our words for Jackson's complaint; they name the place and never repeat the content. */
    static Refusal malformed(IOException fault) {
        if (!(fault instanceof JsonProcessingException syntax)) {
            return new Refusal(400, "invalid_json", "The body is not valid JSON", null);
        }
        String where = place(syntax.getLocation());
        if (fault instanceof JsonEOFException) {
            return new Refusal(400, "invalid_json", "The body ends inside a JSON value" + where, null);
        }
        if (fault instanceof StreamConstraintsException) {
            return new Refusal(
                    400,
                    "json_too_complex",
                    "The body exceeds " + DEPTH_MAX + " levels, " + TOKENS_MAX + " tokens or " + NUMBER_LENGTH_MAX
                            + " digits in a number" + where,
                    null);
        }
        String said = syntax.getOriginalMessage();
        if (said != null && said.startsWith("Duplicate ")) {
            return new Refusal(400, "duplicate_key", "The body has the same key twice in one object" + where, null);
        }
        if (said != null && said.startsWith("Trailing token")) {
            return new Refusal(400, "invalid_json", "The body goes on after the JSON value" + where, null);
        }
        return new Refusal(400, "invalid_json", "The body is not valid JSON" + where, null);
    }

    private static String place(@Nullable JsonLocation location) {
        if (location == null || location.getByteOffset() < 0) {
            return "";
        }
        return " (byte " + location.getByteOffset() + ", line " + location.getLineNr() + ", column "
                + location.getColumnNr() + ")";
    }
}
