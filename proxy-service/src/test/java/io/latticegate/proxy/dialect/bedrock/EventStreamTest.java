package io.latticegate.proxy.dialect.bedrock;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.dialect.Mutations;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first four messages are the published test vectors of the format. */
class EventStreamTest {
    private static final byte[] EMPTY = bytes("\0\0\0\u0010\0\0\0\0\u0005\u00c2H\u00eb}\u0098\u00c8\u00ff");
    private static final byte[] PAYLOAD_ONLY = bytes("\0\0\0\u001d\0\0\0\0\u00fdR\u008cZ{'foo':'bar'}\u00c3e96");
    private static final byte[] TEXT_HEADER = bytes("\0\0\0=\0\0\0 \u0007\u00fd\u0083\u0096\fcontent-type\u0007\0"
            + "\u0010application/json{'foo':'bar'}\u008d\u009c\b\u00b1");
    private static final byte[] INTEGER_HEADER =
            bytes("\0\0\0+\0\0\0\u000e4\u008b\u00ec{\bevent-id\u0004\0\0\u00a0\f{'foo':'bar'}\u00d3\u0089\u0002\u0085");

    @Test
    void readsThePublishedVectors() {
        assertThat(read(EMPTY)).singleElement().satisfies(message -> {
            assertThat(message.headers()).isEmpty();
            assertThat(message.payload()).isEmpty();
        });
        assertThat(read(PAYLOAD_ONLY))
                .singleElement()
                .satisfies(message -> assertThat(message.payload()).isEqualTo(bytes("{'foo':'bar'}")));
        assertThat(read(TEXT_HEADER))
                .singleElement()
                .satisfies(
                        message -> assertThat(message.headers()).isEqualTo(Map.of("content-type", "application/json")));
        assertThat(read(INTEGER_HEADER)).singleElement().satisfies(message -> {
            assertThat(message.headers()).isEmpty();
            assertThat(message.payload()).isEqualTo(bytes("{'foo':'bar'}"));
        });
    }

    @Test
    void readsWhatItWritesHoweverItIsCut() {
        byte[] stream = joined(
                EventStreamMessage.event("messageStart", "{}".getBytes(UTF_8)),
                EventStreamMessage.event("contentBlockDelta", "{\"x\":\"ü\"}".getBytes(UTF_8)),
                EventStreamMessage.exception("throttlingException", "{\"message\":\"m\"}".getBytes(UTF_8)));
        for (int piece = 1; piece <= stream.length; piece++) {
            var parser = new EventStreamParser();
            List<EventStreamMessage> messages = new ArrayList<>();
            for (int at = 0; at < stream.length; at += piece) {
                parser.feed(stream, at, Math.min(piece, stream.length - at), messages::add);
            }
            assertThat(parser.betweenMessages()).isTrue();
            assertThat(messages).hasSize(3);
            assertThat(messages.get(1).header(EventStreamMessage.EVENT_TYPE)).isEqualTo("contentBlockDelta");
            assertThat(messages.get(1).header(EventStreamMessage.MESSAGE_TYPE)).isEqualTo("event");
            assertThat(new String(messages.get(1).payload(), UTF_8)).isEqualTo("{\"x\":\"ü\"}");
            assertThat(messages.get(2).header(EventStreamMessage.MESSAGE_TYPE)).isEqualTo("exception");
            assertThat(messages.get(2).header(EventStreamMessage.EXCEPTION_TYPE))
                    .isEqualTo("throttlingException");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "15, 0, bytes",
        "2147483647, 0, bytes",
        "-1, 0, bytes",
        "4194305, 0, bytes",
        "64, 49, larger",
        "64, -1, larger",
        "4194304, 131073, larger"
    })
    void refusesLengthsBeforeItHoldsAnything(int total, int headers, String says) {
        var prelude = ByteBuffer.allocate(12).putInt(total).putInt(headers);
        prelude.putInt(EventStreamMessage.crc(prelude.array(), 0, 8));
        assertThat(fault(prelude.array())).contains(says);
    }

    @Test
    void refusesEveryByteThatWasChanged() {
        for (int at = 0; at < TEXT_HEADER.length; at++) {
            byte[] changed = TEXT_HEADER.clone();
            changed[at] ^= 1;
            assertThat(fault(changed)).as("byte %d", at).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "a", "a7", "a7x", "a99", "'ab7\0\u0002xx'"})
    void refusesMalformedHeadersWithRightChecksums(String headers) {
        byte[] raw = headers.getBytes(ISO_8859_1);
        if (raw.length > 0) {
            raw[0] = (byte) Math.min(raw.length, 5);
        }
        boolean empty = raw.length == 0;
        assertThat(fault(withHeaders(raw)) == null).isEqualTo(empty);
    }

    @Test
    void refusesAHeaderThatIsGivenTwice() {
        byte[] header = bytes("\u0001a\u0007\0\u0001x");
        assertThat(fault(withHeaders(header))).isNull();
        assertThat(fault(withHeaders(joined(header, header)))).contains("headers");
    }

    @Test
    void survivesDamage() {
        byte[] stream = joined(EMPTY, TEXT_HEADER, INTEGER_HEADER, PAYLOAD_ONLY);
        Mutations.run(5_000, List.of(stream), damaged -> {
            var parser = new EventStreamParser();
            parser.feed(damaged, 0, damaged.length, message -> {});
            parser.feed(stream, 0, stream.length, message -> {});
        });
    }

    private static byte[] withHeaders(byte[] headers) {
        var message = ByteBuffer.allocate(16 + headers.length)
                .putInt(16 + headers.length)
                .putInt(headers.length);
        message.putInt(EventStreamMessage.crc(message.array(), 0, 8)).put(headers);
        var crc = new CRC32();
        crc.update(message.array(), 0, message.position());
        return message.putInt((int) crc.getValue()).array();
    }

    private static List<EventStreamMessage> read(byte[] stream) {
        var parser = new EventStreamParser();
        List<EventStreamMessage> messages = new ArrayList<>();
        parser.feed(stream, 0, stream.length, messages::add);
        assertThat(parser.fault()).isNull();
        return messages;
    }

    private static @Nullable String fault(byte[] stream) {
        var parser = new EventStreamParser();
        parser.feed(stream, 0, stream.length, message -> {});
        return parser.fault();
    }

    static byte[] joined(byte[]... parts) {
        byte[] all = {};
        for (byte[] part : parts) {
            int before = all.length;
            all = Arrays.copyOf(all, before + part.length);
            System.arraycopy(part, 0, all, before, part.length);
        }
        return all;
    }

    private static byte[] bytes(String octets) {
        return octets.getBytes(ISO_8859_1);
    }
}
