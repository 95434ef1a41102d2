package io.latticegate.fhe.core.wire.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ZstdInputStreamTest {
    record Frame(String content, String options, String sha256, byte[] bytes) {
        @Override
        public String toString() {
            return content + " " + options;
        }
    }

    static List<Frame> frames() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(ZstdInputStreamTest.class.getResourceAsStream("zstd-frames.txt")),
                StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(cells -> new Frame(
                            cells[0], cells[1], cells[2], Base64.getDecoder().decode(cells[3])))
                    .toList();
        }
    }

    private static ZstdInputStream decoder(byte[] frame) {
        return new ZstdInputStream(new ByteArrayInputStream(frame));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void decodesFramesOfTheReferenceTool(Frame frame) throws IOException, NoSuchAlgorithmException {
        byte[] content = decoder(frame.bytes()).readAllBytes();

        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)))
                .isEqualTo(frame.sha256());
    }

    @ParameterizedTest
    @MethodSource("frames")
    void stopsBehindTheFrame(Frame frame) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(Arrays.copyOf(frame.bytes(), frame.bytes().length + 5));
        new ZstdInputStream(in).readAllBytes();

        assertThat(in.available()).isEqualTo(5);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void refusesEveryTruncation(Frame frame) {
        for (int length = 0; length < Math.min(frame.bytes().length, 400); length++) {
            byte[] truncated = Arrays.copyOf(frame.bytes(), length);
            assertThatThrownBy(() -> decoder(truncated).readAllBytes())
                    .as("%d bytes", length)
                    .isInstanceOfAny(EOFException.class, MalformedZstdException.class);
        }
    }

    /** Whatever a damaged frame does, it ends in content or in one of two exceptions. */
    @ParameterizedTest
    @MethodSource("frames")
    void damagedFramesEndInARefusalOrInContent(Frame frame) throws IOException {
        SplittableRandom random = new SplittableRandom(frame.toString().hashCode());
        byte[] buffer = new byte[1 << 16];
        for (int round = 0; round < 300; round++) {
            byte[] damaged = frame.bytes().clone();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                ZstdInputStream in = decoder(damaged);
                long total = 0;
                for (int read = 0; read >= 0 && total < 4_000_000; total += read) {
                    read = in.read(buffer, 0, buffer.length);
                }
            } catch (MalformedZstdException | EOFException refusal) {
                assertThat(refusal).hasMessageMatching(".+");
            }
        }
    }

    @Test
    void refusesAWrongChecksum() throws IOException {
        Frame checked = frames().stream()
                .filter(frame ->
                        frame.content().equals("text") && frame.options().equals("-19"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = checked.bytes().clone();
        bytes[bytes.length - 1] ^= 1;

        assertThatThrownBy(() -> decoder(bytes).readAllBytes()).hasMessageContaining("checksum");
    }

    /** Windows are refused by their claim; a claim alone allocates nothing. */
    @Test
    void refusesWindowsAboveEightMebibytes() {
        byte[] magic = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
        for (int code : new int[] {(13 << 3) + 1, 14 << 3, 0xff}) {
            byte[] frame = Arrays.copyOf(magic, 16);
            frame[5] = (byte) code;
            assertThatThrownBy(() -> decoder(frame).read()).hasMessageContaining("allowed: up to 8388608");
        }
        byte[] single = HexFormat.of().parseHex("28b52ffd" + "e0" + "ffffffffffffffff" + "010000");
        assertThatThrownBy(() -> decoder(single).read()).hasMessageContaining("allowed: up to 8388608");
    }

    @Test
    void refusesWhatTheFormatDoesNotAllow() {
        List<String> malformed = List.of(
                "28b52ffe00", // not the magic number
                "28b52ffd0800010000", // the reserved bit
                "28b52ffd010001010000", // a dictionary
                "28b52ffd0000070000", // a block of the reserved type
                "28b52ffd00000d0000f0", // a compressed block without sequences
                "28b52ffd2001000000", // less content than the header says
                "28b52ffd2001130000616263", // more content than the header says
                "28b52ffd000005000000"); // literals of no bytes and no sequences header
        for (String frame : malformed) {
            assertThatThrownBy(() -> decoder(HexFormat.of().parseHex(frame)).readAllBytes())
                    .as(frame)
                    .isInstanceOfAny(MalformedZstdException.class, EOFException.class);
        }
    }
}
