package io.latticegate.common.crypto;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** Textual encoding of keys and certificates (RFC 7468), on bytes so that a key never becomes a string. */
final class Pem {
    static final String CERTIFICATE = "CERTIFICATE";
    static final String PRIVATE_KEY = "PRIVATE KEY";

    static byte[] encode(String label, byte[] der) {
        byte[] body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encode(der);
        ByteArrayOutputStream text = new ByteArrayOutputStream(body.length + 80);
        text.writeBytes(line("-----BEGIN " + label + "-----\n"));
        text.writeBytes(body);
        text.writeBytes(line("\n-----END " + label + "-----\n"));
        return text.toByteArray();
    }

    /** The first block with this label. */
    static Optional<byte[]> decode(String label, byte[] text) {
        byte[] begin = line("-----BEGIN " + label + "-----");
        byte[] end = line("-----END " + label + "-----");
        int from = indexOf(text, begin, 0);
        int to = from < 0 ? -1 : indexOf(text, end, from + begin.length);
        if (to < 0) {
            return Optional.empty();
        }
        byte[] body = Arrays.copyOfRange(text, from + begin.length, to);
        try {
            return Optional.of(Base64.getMimeDecoder().decode(body));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private static int indexOf(byte[] text, byte[] wanted, int from) {
        for (int at = from; at <= text.length - wanted.length; at++) {
            if (Arrays.equals(text, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private Pem() {}
}
