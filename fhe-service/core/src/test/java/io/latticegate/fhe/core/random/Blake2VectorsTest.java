package io.latticegate.fhe.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** BLAKE2b and BLAKE2Xb against the vectors that their authors publish. */
class Blake2VectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    record Vector(String function, int inputBytes, int keyBytes, byte[] output) {
        @Override
        public String toString() {
            return function + " of " + inputBytes + " bytes, key of " + keyBytes + ", output of " + output.length;
        }
    }

    static List<Vector> vectors() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Blake2VectorsTest.class.getResourceAsStream("blake2-kat.txt")),
                StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ", -1))
                    .map(cells -> new Vector(
                            cells[0], Integer.parseInt(cells[1]), Integer.parseInt(cells[2]), HEX.parseHex(cells[3])))
                    .toList();
        }
    }

    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void givesThePublishedOutput(Vector vector) {
        byte[] input = counting(vector.inputBytes());
        byte[] key = counting(vector.keyBytes());
        byte[] output = new byte[vector.output().length];
        if (vector.function().equals("blake2b")) {
            Blake2b blake = new Blake2b();
            blake.start(output.length, key);
            blake.update(input, 0, input.length);
            blake.finish(output, 0);
        } else {
            new Blake2Xb().expand(key, input, output, 0, output.length);
        }

        assertThat(output).isEqualTo(vector.output());
    }

    @Test
    void hashesAbcAsTheRfcDoes() {
        assertThat(HEX.formatHex(Blake2b.digest(64, "abc".getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    }

    /** RFC 7693, appendix E: the self-test that covers many digest, key and input lengths at once. */
    @Test
    void passesTheSelfTestOfTheRfc() {
        Blake2b grand = new Blake2b();
        grand.start(32, new byte[0]);
        Blake2b blake = new Blake2b();
        for (int digestBytes : new int[] {20, 32, 48, 64}) {
            for (int inputBytes : new int[] {0, 3, 128, 129, 255, 1024}) {
                byte[] input = selfTestSequence(inputBytes, inputBytes);
                for (byte[] key : new byte[][] {new byte[0], selfTestSequence(digestBytes, digestBytes)}) {
                    byte[] digest = new byte[digestBytes];
                    blake.start(digestBytes, key);
                    blake.update(input, 0, inputBytes);
                    blake.finish(digest, 0);
                    grand.update(digest, 0, digestBytes);
                }
            }
        }
        byte[] result = new byte[32];
        grand.finish(result, 0);

        assertThat(HEX.formatHex(result)).isEqualTo("c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475");
    }

    private static byte[] selfTestSequence(int length, int seed) {
        byte[] out = new byte[length];
        int a = 0xDEAD4BAD * seed;
        int b = 1;
        for (int i = 0; i < length; i++) {
            int t = a + b;
            a = b;
            b = t;
            out[i] = (byte) (t >>> 24);
        }
        return out;
    }

    @Test
    void hashesTheSameWhateverThePieces() {
        byte[] input = counting(1000);
        byte[] whole = Blake2b.digest(64, input);
        for (int piece : new int[] {1, 7, 127, 128, 129, 999}) {
            Blake2b blake = new Blake2b();
            blake.start(64, new byte[0]);
            for (int from = 0; from < input.length; from += piece) {
                blake.update(input, from, Math.min(piece, input.length - from));
            }
            byte[] digest = new byte[64];
            blake.finish(digest, 0);
            assertThat(digest).as("pieces of %d", piece).isEqualTo(whole);
        }
    }

    @Test
    void refusesLengthsThatBlake2bLacks() {
        Blake2b blake = new Blake2b();
        assertThatThrownBy(() -> blake.start(65, new byte[0])).hasMessageContaining("1 to 64");
        assertThatThrownBy(() -> blake.start(0, new byte[0])).hasMessageContaining("1 to 64");
        assertThatThrownBy(() -> blake.start(64, new byte[65])).hasMessageContaining("0 to 64");
    }
}
