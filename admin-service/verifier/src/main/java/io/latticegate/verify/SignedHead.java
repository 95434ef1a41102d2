package io.latticegate.verify;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A checkpoint with its signatures (C2SP tlog-checkpoint, signed-note).
 *
 * @param origin the log's name
 * @param size number of entries
 * @param root hash over them
 * @param text what was signed
 */
record SignedHead(String origin, long size, byte[] root, byte[] text, List<SignatureLine> signatures) {
    private static final int ID_BYTES = 4;
    private static final int SIGNATURES_MAX = 64;

    /** @param id which key is said to have made it */
    record SignatureLine(String name, byte[] id, byte[] signature) {}

    /** @throws IllegalArgumentException saying what is malformed */
    static SignedHead parse(byte[] note) {
        String read = utf8(note);
        int blank = read.lastIndexOf("\n\n");
        if (blank < 0 || !read.endsWith("\n")) {
            throw new IllegalArgumentException("a checkpoint is a text, an empty line and signatures");
        }
        if (read.chars().anyMatch(unit -> unit < ' ' && unit != '\n')) {
            throw new IllegalArgumentException("a checkpoint has no control characters");
        }
        String text = read.substring(0, blank + 1);
        String[] lines = text.split("\n", -1);
        if (lines.length != 4 || lines[0].isEmpty() || !lines[1].matches("0|[1-9][0-9]{0,17}")) {
            throw new IllegalArgumentException("a checkpoint has three lines: origin, size and root");
        }
        byte[] root = StrictBase64.decode(lines[2]);
        if (root.length != Merkle.HASH_BYTES) {
            throw new IllegalArgumentException("a root has 32 bytes");
        }
        return new SignedHead(
                lines[0],
                Long.parseLong(lines[1]),
                root,
                text.getBytes(StandardCharsets.UTF_8),
                signatures(read.substring(blank + 2)));
    }

    private static List<SignatureLine> signatures(String block) {
        List<SignatureLine> signatures = new ArrayList<>();
        String[] lines = block.split("\n", -1);
        if (lines.length < 2 || lines.length > SIGNATURES_MAX) {
            throw new IllegalArgumentException("a checkpoint has 1 to " + (SIGNATURES_MAX - 1) + " signatures");
        }
        for (String line : Arrays.copyOf(lines, lines.length - 1)) {
            String[] parts = line.split(" ", -1);
            if (parts.length != 3 || !parts[0].equals("—") || parts[1].isEmpty()) {
                throw new IllegalArgumentException("a signature line is malformed");
            }
            byte[] bytes = StrictBase64.decode(parts[2]);
            if (bytes.length <= ID_BYTES) {
                throw new IllegalArgumentException("a signature is empty");
            }
            signatures.add(new SignatureLine(
                    parts[1], Arrays.copyOf(bytes, ID_BYTES), Arrays.copyOfRange(bytes, ID_BYTES, bytes.length)));
        }
        return signatures;
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new IllegalArgumentException("a checkpoint is UTF-8", malformed);
        }
    }

    /** The keys among {@code trusted} that did not sign this, or whose signature is wrong. */
    List<VerifierKey> unsigned(List<VerifierKey> trusted) {
        return trusted.stream().filter(key -> !signedBy(key)).toList();
    }

    private boolean signedBy(VerifierKey key) {
        List<SignatureLine> own = signatures.stream()
                .filter(line -> line.name().equals(key.name()) && Arrays.equals(line.id(), key.id()))
                .toList();
        return !own.isEmpty() && own.stream().allMatch(line -> key.verifies(text, line.signature()));
    }
}
