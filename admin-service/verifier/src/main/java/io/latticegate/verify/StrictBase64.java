package io.latticegate.verify;

import java.util.Base64;

/** Base64 (RFC 4648, section 4) of which there is one spelling for each content: padded, and with zero spare bits. */
final class StrictBase64 {
    /** @throws IllegalArgumentException when the text is not what {@link #encode} writes */
    static byte[] decode(String text) {
        byte[] decoded = Base64.getDecoder().decode(text);
        if (!encode(decoded).equals(text)) {
            throw new IllegalArgumentException("base64 in an unusual spelling");
        }
        return decoded;
    }

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private StrictBase64() {}
}
