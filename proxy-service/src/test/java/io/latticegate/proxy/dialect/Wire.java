package io.latticegate.proxy.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ProviderError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What tests of the dialects say often. */
public final class Wire {
    private static final JsonMapper JSON = new JsonMapper();

    private Wire() {}

    /** Text in the notation {@code {'a':1}} as bytes of JSON. */
    public static byte[] json(String singleQuoted) {
        return singleQuoted.replace('\'', '"').getBytes(UTF_8);
    }

    public static JsonNode tree(byte[] json) {
        try {
            return JSON.readTree(new String(json, UTF_8));
        } catch (JsonProcessingException malformed) {
            throw new AssertionError("not JSON: " + new String(json, UTF_8), malformed);
        }
    }

    public static JsonNode tree(String singleQuoted) {
        return tree(json(singleQuoted));
    }

    public static RequestReading.Read read(ClientDialect dialect, String singleQuoted) {
        RequestReading reading = dialect.read(json(singleQuoted));
        if (reading instanceof RequestReading.Read read) {
            return read;
        }
        throw new AssertionError("refused: " + reading);
    }

    public static Refusal refused(ClientDialect dialect, String singleQuoted) {
        RequestReading reading = dialect.read(json(singleQuoted));
        if (reading instanceof RequestReading.Refused(Refusal refusal)) {
            return refusal;
        }
        throw new AssertionError("not refused: " + reading);
    }

    public static RequestWriting.Written written(ProviderDialect dialect, ChatRequest request) {
        RequestWriting writing = dialect.write(request);
        if (writing instanceof RequestWriting.Written written) {
            return written;
        }
        throw new AssertionError("refused: " + writing);
    }

    /** Events of a whole stream that arrives in pieces of random size, including what the end of the bytes adds. */
    public static List<ChatEvent> decode(ProviderDialect dialect, byte[] stream, long seed) {
        var random = new Random(seed);
        List<ChatEvent> events = new ArrayList<>();
        StreamDecoder decoder = dialect.startDecoding();
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(stream.length - at, 1 + random.nextInt(200));
            decoder.feed(stream, at, length, events::add);
            at += length;
        }
        decoder.end(events::add);
        boolean failed = !events.isEmpty() && events.getLast() instanceof ChatEvent.Failed;
        if (failed == decoder.complete()) {
            throw new AssertionError("complete " + decoder.complete() + " after " + events);
        }
        return events;
    }

    /** The stream that a relay would send for these events. */
    public static byte[] encode(ClientDialect dialect, List<ChatEvent> events, boolean includeUsage) {
        StreamEncoder encoder = dialect.startStream(terms(includeUsage));
        byte[] most = encoder.encode(events);
        byte[] end = encoder.finish();
        byte[] all = Arrays.copyOf(most, most.length + end.length);
        System.arraycopy(end, 0, all, most.length, end.length);
        return all;
    }

    public static AnswerTerms terms(boolean includeUsage) {
        return new AnswerTerms("own-id", "alias", 1_760_000_000L, includeUsage);
    }

    /** The data of each frame, parsed; {@code [DONE]} as a JSON string. */
    public static List<JsonNode> frames(byte[] stream) {
        List<JsonNode> frames = new ArrayList<>();
        var parser = new SseParser();
        parser.feed(stream, 0, stream.length, frame -> {
            if (frame.dataIs("[DONE]")) {
                frames.add(tree("'[DONE]'"));
            } else if (frame.isEvent()) {
                JsonNode data = tree(frame.text().getBytes(UTF_8));
                if (!frame.name().isEmpty()
                        && !frame.name().equals(data.path("type").asText())) {
                    throw new AssertionError("event " + frame.name() + " has data " + data);
                }
                frames.add(data);
            }
        });
        if (parser.pendingBytes() > 0) {
            throw new AssertionError("an open frame at the end: " + new String(parser.pending(), UTF_8));
        }
        return frames;
    }

    public static ProviderError failure(List<ChatEvent> events) {
        if (events.getLast() instanceof ChatEvent.Failed(ProviderError error)) {
            return error;
        }
        throw new AssertionError("no failure at the end of " + events);
    }
}
