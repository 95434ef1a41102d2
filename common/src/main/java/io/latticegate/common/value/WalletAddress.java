package io.latticegate.common.value;

import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A 20-byte account address, held in its one canonical spelling: {@code 0x} and 40 lower-case hexadecimal digits.
 * The mixed-case checksum of EIP-55 needs Keccak-256 and lives in {@code common.crypto.Eip55}.
 *
 * @param value the canonical spelling
 */
public record WalletAddress(String value) {

    /** Bytes in an address. */
    public static final int BYTES = 20;

    private static final Pattern CANONICAL = Pattern.compile("0x[0-9a-f]{40}");
    private static final Pattern ANY_CASE = Pattern.compile("0x[0-9a-fA-F]{40}");

    public WalletAddress {
        if (!CANONICAL.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a canonical wallet address is 0x and 40 lower-case hexadecimal digits; parse() takes other cases");
        }
    }

    /**
     * Reads {@code 0x} and 40 hexadecimal digits of any case, without looking at the EIP-55 checksum.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static WalletAddress parse(String text) {
        if (!ANY_CASE.matcher(text).matches()) {
            throw new IllegalArgumentException("a wallet address is 0x and 40 hexadecimal digits");
        }
        return new WalletAddress(text.toLowerCase(Locale.ROOT));
    }

    /**
     * The address in the last 20 of the given bytes; a 32-byte public key hash has it there.
     *
     * @throws IllegalArgumentException when there are fewer than 20 bytes
     */
    public static WalletAddress ofLastBytes(byte[] bytes) {
        if (bytes.length < BYTES) {
            throw new IllegalArgumentException("an address has 20 bytes, got " + bytes.length);
        }
        return new WalletAddress("0x" + HexFormat.of().formatHex(bytes, bytes.length - BYTES, bytes.length));
    }

    /** A new array of the 20 bytes. */
    public byte[] toBytes() {
        return HexFormat.of().parseHex(value, 2, value.length());
    }

    /** The canonical spelling. */
    @Override
    public String toString() {
        return value;
    }
}
