package io.latticegate.common.wallet;

import io.latticegate.common.crypto.Hash32;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A recoverable secp256k1 signature in its one canonical form. It cannot be built with a scalar that is zero or not
 * below the curve order, nor with a high s (EIP-2): of the two signatures that recover one key only one exists here.
 * Even so a signature is no replay key; the digest and the nonce are.
 *
 * @param r the x coordinate of the nonce point, 1 to n−1
 * @param s 1 to n/2
 * @param yParity 0 or 1, the parity of the nonce point's y coordinate
 */
public record WalletSignature(Hash32 r, Hash32 s, int yParity) {

    /** The order n of the group (SEC 2, section 2.4.1). */
    private static final Hash32 ORDER =
            new Hash32(0xFFFFFFFFFFFFFFFFL, 0xFFFFFFFFFFFFFFFEL, 0xBAAEDCE6AF48A03BL, 0xBFD25E8CD0364141L);

    private static final Hash32 HALF_ORDER =
            new Hash32(0x7FFFFFFFFFFFFFFFL, 0xFFFFFFFFFFFFFFFFL, 0x5D576E7357A4501DL, 0xDFE92F46681B20A0L);

    private static final int FULL_BYTES = 65;
    private static final int COMPACT_BYTES = 64;
    private static final String SHAPE = "expected 0x and 130 hexadecimal digits (r, s, v) or 128 (EIP-2098)";

    /**
     * @throws IllegalArgumentException when a part is outside its range; the message says which and what is allowed
     */
    public WalletSignature {
        String fault = faultOf(r, s, yParity);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
    }

    /** What became of an attempt to read a signature. */
    public sealed interface Parsed {
        /** The text or bytes were a signature. */
        record Valid(WalletSignature signature) implements Parsed {}

        /**
         * They were not.
         *
         * @param why what is wrong and what is allowed; never the input itself
         */
        record Malformed(String why) implements Parsed {}
    }

    /**
     * Reads {@code 0x} and 65 bytes r ‖ s ‖ v with v of 0, 1, 27 or 28, or 64 bytes of EIP-2098. The v values of
     * EIP-155 belong to transactions and are refused.
     */
    public static Parsed parse(String hex) {
        boolean length = hex.length() == 2 + 2 * FULL_BYTES || hex.length() == 2 + 2 * COMPACT_BYTES;
        if (!length || !hex.startsWith("0x")) {
            return new Parsed.Malformed(SHAPE);
        }
        for (int i = 2; i < hex.length(); i++) {
            if (!HexFormat.isHexDigit(hex.charAt(i))) {
                return new Parsed.Malformed(SHAPE);
            }
        }
        return parse(HexFormat.of().parseHex(hex, 2, hex.length()));
    }

    /** The same for raw bytes. */
    public static Parsed parse(byte[] bytes) {
        if (bytes.length != FULL_BYTES && bytes.length != COMPACT_BYTES) {
            return new Parsed.Malformed(SHAPE);
        }
        Hash32 r = Hash32.of(bytes, 0);
        Hash32 s = Hash32.of(bytes, Hash32.BYTES);
        int yParity;
        if (bytes.length == COMPACT_BYTES) {
            yParity = (int) (s.word0() >>> 63);
            s = new Hash32(s.word0() & Long.MAX_VALUE, s.word1(), s.word2(), s.word3());
        } else {
            int v = bytes[COMPACT_BYTES] & 0xff;
            yParity = v >= 27 ? v - 27 : v;
        }
        String fault = faultOf(r, s, yParity);
        return fault == null ? new Parsed.Valid(new WalletSignature(r, s, yParity)) : new Parsed.Malformed(fault);
    }

    /** A new array of r ‖ s ‖ v with v of 27 or 28, the form that wallets emit. */
    public byte[] toBytes() {
        byte[] bytes = new byte[FULL_BYTES];
        r.copyTo(bytes, 0);
        s.copyTo(bytes, Hash32.BYTES);
        bytes[COMPACT_BYTES] = (byte) (27 + yParity);
        return bytes;
    }

    /** A new array of r ‖ s, 64 bytes. */
    public byte[] scalars() {
        byte[] bytes = new byte[COMPACT_BYTES];
        r.copyTo(bytes, 0);
        s.copyTo(bytes, Hash32.BYTES);
        return bytes;
    }

    private static @Nullable String faultOf(Hash32 r, Hash32 s, int yParity) {
        if (yParity != 0 && yParity != 1) {
            return "v must be 0, 1, 27 or 28";
        }
        if (r.equals(Hash32.ZERO) || r.compareTo(ORDER) >= 0) {
            return "r must be from 1 to the curve order less 1";
        }
        if (s.equals(Hash32.ZERO) || s.compareTo(ORDER) >= 0) {
            return "s must be from 1 to half the curve order";
        }
        return s.compareTo(HALF_ORDER) > 0
                ? "s is above half the curve order; the low-s form is required (EIP-2)"
                : null;
    }
}
