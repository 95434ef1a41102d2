package io.latticegate.admin.manage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The members of a request body: one flat JSON object (RFC 8259) in UTF-8, no key twice, nothing after it, only known
 * members of the right type. {@code null} stands for an absent member. A secret is taken from the bytes into a
 * {@link Secret}, past the parser's pooled buffers; closing wipes it.
 */
final class MemberValues implements AutoCloseable {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(4)
                    .maxTokenCount(300)
                    .maxNumberLength(30)
                    .maxNameLength(100)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final Map<Member, Object> values;

    private MemberValues(Map<Member, Object> values) {
        this.values = values;
    }

    /** @throws Refused 400 with what is wrong and where, never with a value */
    static MemberValues parse(byte[] json, List<Member> allowed) {
        checkUtf8(json);
        MemberValues read = new MemberValues(new EnumMap<>(Member.class));
        boolean whole = false;
        try (JsonParser parser = FACTORY.createParser(json)) {
            read.readObject(parser, json, allowed);
            whole = true;
            return read;
        } catch (JsonProcessingException malformed) {
            throw Refused.badRequest(words(malformed));
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from memory failed", impossible);
        } finally {
            if (!whole) {
                read.close();
            }
        }
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    boolean has(Member member) {
        return values.containsKey(member);
    }

    /** Wire names of what is there, for the audit. */
    String names() {
        return values.keySet().stream().map(Member::wireName).collect(Collectors.joining(","));
    }

    @Nullable
    String text(Member member) {
        return (String) values.get(member);
    }

    @Nullable
    @SuppressWarnings("unchecked")
    List<String> texts(Member member) {
        return (List<String>) values.get(member);
    }

    @Nullable
    Boolean flag(Member member) {
        return (Boolean) values.get(member);
    }

    @Nullable
    Long number(Member member) {
        return (Long) values.get(member);
    }

    @Nullable
    BigDecimal decimal(Member member) {
        return (BigDecimal) values.get(member);
    }

    /** Stays with this; {@link #close} wipes it. */
    @Nullable
    Secret secret(Member member) {
        return (Secret) values.get(member);
    }

    @Override
    public void close() {
        for (Object value : values.values()) {
            if (value instanceof Secret secret) {
                secret.close();
            }
        }
    }

    /** Names only. */
    @Override
    public String toString() {
        return "MemberValues(" + names() + ")";
    }

    private void readObject(JsonParser parser, byte[] json, List<Member> allowed) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw Refused.badRequest("the body must be a JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            Member member = Member.named(name)
                    .filter(allowed::contains)
                    .orElseThrow(() -> Refused.badRequest("unknown member " + Member.shown(name) + "; allowed: "
                            + allowed.stream().map(Member::wireName).collect(Collectors.joining(", "))));
            if (parser.nextToken() != JsonToken.VALUE_NULL) {
                values.put(member, value(member, parser, json));
            }
        }
        if (parser.nextToken() != null) {
            throw Refused.badRequest("the body goes on after the JSON object");
        }
    }

    private static Object value(Member member, JsonParser parser, byte[] json) throws IOException {
        JsonToken token = parser.currentToken();
        Object value = switch (member.type()) {
            case TEXT -> token == JsonToken.VALUE_STRING ? parser.getText() : null;
            case TEXTS -> token == JsonToken.START_ARRAY ? texts(parser) : null;
            case SECRET -> token == JsonToken.VALUE_STRING ? secret(member, parser, json) : null;
            case FLAG -> token.isBoolean() ? token == JsonToken.VALUE_TRUE : null;
            case NUMBER ->
                token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                        ? parser.getLongValue()
                        : null;
            case DECIMAL -> token.isNumeric() ? parser.getDecimalValue() : null;
        };
        if (value == null) {
            throw Refused.badRequest(
                    member.wireName() + " must be " + member.type().words());
        }
        return value;
    }

    /** Null where anything but strings stands in the list. */
    private static @Nullable List<String> texts(JsonParser parser) throws IOException {
        List<String> texts = new ArrayList<>();
        while (parser.nextToken() == JsonToken.VALUE_STRING) {
            texts.add(parser.getText());
        }
        return parser.currentToken() == JsonToken.END_ARRAY ? List.copyOf(texts) : null;
    }

    private static Secret secret(Member member, JsonParser parser, byte[] json) {
        byte[] plain = SecretText.read(
                json, Math.toIntExact(parser.currentTokenLocation().getByteOffset()));
        if (plain == null) {
            throw Refused.badRequest(member.wireName() + " must be 1 to " + SecretText.BYTES_MAX
                    + " characters of visible ASCII without spaces");
        }
        return Secret.owning(plain);
    }

    /** A NUL would make the parser guess UTF-16; JSON text has none. */
    private static void checkUtf8(byte[] json) {
        char[] characters = new char[json.length];
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        try {
            boolean malformed = decoder.decode(ByteBuffer.wrap(json), CharBuffer.wrap(characters), true)
                    .isError();
            boolean marked = characters.length > 0 && characters[0] == '\uFEFF';
            for (byte one : json) {
                malformed |= one == 0;
            }
            if (malformed || marked) {
                throw Refused.badRequest("the body must be JSON in UTF-8 without a byte order mark");
            }
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    private static String words(JsonProcessingException malformed) {
        var place = malformed.getLocation();
        String where = place == null ? "" : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
        String said = malformed.getOriginalMessage();
        return said != null && said.startsWith("Duplicate ")
                ? "the body has the same key twice" + where
                : "the body is not valid JSON" + where;
    }
}
