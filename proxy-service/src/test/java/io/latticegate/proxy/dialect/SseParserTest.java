package io.latticegate.proxy.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseParserTest {

    private static final String STREAM = "\uFEFF: hello\r\n\r\n"
            + "data: one\n\n"
            + "event: named\r\ndata:two\r\ndata:  lines é€𝄞\r\n\r\n"
            + "event:cr\rdata: three\rid: 7\r\r"
            + "retry: 100\n\n"
            + "data\n\n"
            + "data:\n\n"
            + "dataset: no\nevents: no\n\n"
            + "\n\r\n\r"
            + "event: a\nevent: b\ndata: [DONE]\n\r\n"
            + "data: cut";

    private static final List<String> EVENTS =
            List.of("|one", "named|two\n lines é€𝄞", "cr|three", "|", "|", "b|[DONE]");

    @Test
    void dispatchesWhatTheStandardSays() {
        assertThat(events(STREAM.getBytes(UTF_8), Integer.MAX_VALUE, new Random(1)))
                .isEqualTo(EVENTS);
    }

    @Test
    void doesNotCareWhereTheBytesAreSplit() {
        byte[] stream = STREAM.getBytes(UTF_8);
        for (long seed = 0; seed < 3_000; seed++) {
            assertThat(events(stream, 1 + (int) (seed % 17), new Random(seed)))
                    .as("seed " + seed)
                    .isEqualTo(EVENTS);
        }
    }

    @Test
    void handsEveryCompleteByteOnInOrder() {
        byte[] stream = STREAM.getBytes(UTF_8);
        for (long seed = 0; seed < 1_000; seed++) {
            var forwarded = new ByteArrayOutputStream();
            var parser = new SseParser();
            feed(
                    parser,
                    stream,
                    1 + (int) (seed % 9),
                    new Random(seed),
                    f -> forwarded.write(f.raw, f.rawOffset, f.rawLength));
            forwarded.writeBytes(parser.pending());
            assertThat(forwarded.toByteArray()).as("seed " + seed).isEqualTo(stream);
        }
    }

    @Test
    void tellsThatAStreamWasCutInsideAnEvent() {
        var parser = new SseParser();
        parser.feed("data: x\n".getBytes(UTF_8), 0, 8, frame -> {});
        assertThat(parser.pendingBytes()).isEqualTo(8);
        parser.feed("\n".getBytes(UTF_8), 0, 1, frame -> {});
        assertThat(parser.pendingBytes()).isZero();
    }

    @Test
    void givesUpOnAnEventBeyondTheBound() {
        var parser = new SseParser(100);
        byte[] part = ("data: " + "x".repeat(90)).getBytes(UTF_8);
        List<String> seen = new ArrayList<>();
        assertThat(parser.feed(part, 0, part.length, f -> seen.add(f.text()))).isTrue();
        assertThat(parser.feed(part, 0, part.length, f -> seen.add(f.text()))).isFalse();
        byte[] good = "data: y\n\n".getBytes(UTF_8);
        assertThat(parser.feed(good, 0, good.length, f -> seen.add(f.text()))).isFalse();
        assertThat(parser.overflowed()).isTrue();
        assertThat(seen).isEmpty();
    }

    @Test
    void survivesTwentyThousandDamagedStreams() {
        Mutations.run(20_000, List.of(STREAM.getBytes(UTF_8)), damaged -> {
            var whole = events(damaged, Integer.MAX_VALUE, new Random(3));
            assertThat(events(damaged, 5, new Random(damaged.length))).isEqualTo(whole);
        });
    }

    static List<String> events(byte[] stream, int pieceMax, Random random) {
        List<String> events = new ArrayList<>();
        feed(new SseParser(), stream, pieceMax, random, frame -> {
            if (frame.isEvent()) {
                events.add(frame.name() + "|" + frame.text());
            }
        });
        return events;
    }

    static void feed(SseParser parser, byte[] stream, int pieceMax, Random random, SseParser.Sink sink) {
        int at = 0;
        while (at < stream.length) {
            int length = pieceMax == Integer.MAX_VALUE
                    ? stream.length
                    : Math.min(stream.length - at, 1 + random.nextInt(pieceMax));
            parser.feed(stream, at, length, sink);
            at += length;
        }
    }
}
