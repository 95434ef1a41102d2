package io.latticegate.proxy.dialect;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Damages valid documents at random; a failure names the seed that reproduces it. */
public final class Mutations {
    private static final long SEED = 20_261_101L;

    private Mutations() {}

    /** Runs {@code count} damaged copies of the documents through {@code reader}. */
    public static void run(int count, List<byte[]> documents, Consumer<byte[]> reader) {
        for (int i = 0; i < count; i++) {
            long seed = SEED + i;
            byte[] damaged = damaged(documents.get(i % documents.size()), new Random(seed));
            try {
                reader.accept(damaged);
            } catch (RuntimeException | StackOverflowError thrown) {
                throw new AssertionError(
                        "seed " + seed + ": " + new String(damaged, java.nio.charset.StandardCharsets.ISO_8859_1),
                        thrown);
            }
        }
    }

    private static byte[] damaged(byte[] document, Random random) {
        byte[] bytes = document.clone();
        int edits = 1 + random.nextInt(4);
        for (int e = 0; e < edits && bytes.length > 0; e++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(7)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) "{}[]\",:\\0-.eE\r\n tfn".charAt(random.nextInt(19));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> bytes = without(bytes, at, 1 + random.nextInt(8));
                case 4 -> bytes = doubled(bytes, at, 1 + random.nextInt(40));
                case 5 ->
                    bytes = inserted(
                            bytes,
                            at,
                            "[".repeat(1 + random.nextInt(200)).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                default -> bytes = inserted(bytes, at, new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
            }
        }
        return bytes;
    }

    private static byte[] without(byte[] bytes, int at, int length) {
        int to = Math.min(bytes.length, at + length);
        byte[] out = new byte[bytes.length - (to - at)];
        System.arraycopy(bytes, 0, out, 0, at);
        System.arraycopy(bytes, to, out, at, bytes.length - to);
        return out;
    }

    private static byte[] doubled(byte[] bytes, int at, int length) {
        return inserted(bytes, at, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + length)));
    }

    private static byte[] inserted(byte[] bytes, int at, byte[] extra) {
        byte[] out = new byte[bytes.length + extra.length];
        System.arraycopy(bytes, 0, out, 0, at);
        System.arraycopy(extra, 0, out, at, extra.length);
        System.arraycopy(bytes, at, out, at + extra.length, bytes.length - at);
        return out;
    }
}
