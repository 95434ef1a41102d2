package io.latticegate.common.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.value.Secret;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SymmetricTest {
    private static final HexFormat HEX = HexFormat.of();

    /** RFC 5869, appendix A, cases 1 to 3. */
    @Test
    void derivesAsRfc5869() {
        assertThat(Hkdf.derive(repeated(0x0b, 22), HEX.parseHex("000102030405060708090a0b0c"), range(0xf0, 10), 42))
                .isEqualTo(HEX.parseHex(
                        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf" + "34007208d5b887185865"));
        assertThat(Hkdf.derive(range(0x00, 80), range(0x60, 80), range(0xb0, 80), 82))
                .isEqualTo(HEX.parseHex("b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                        + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                        + "cc30c58179ec3e87c14c01d5c1f3434f1d87"));
        assertThat(Hkdf.derive(repeated(0x0b, 22), new byte[0], new byte[0], 42))
                .isEqualTo(HEX.parseHex(
                        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d" + "9d201395faa4b61a96c8"));
    }

    @Test
    void derivesUpTo255BlocksAndRefusesMore() {
        assertThat(Hkdf.derive(new byte[32], new byte[0], new byte[0], Hkdf.OUTPUT_MAX_BYTES))
                .hasSize(8_160);
        assertThatThrownBy(() -> Hkdf.derive(new byte[32], new byte[0], new byte[0], 8_161))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8160");
    }

    /** The GCM specification (McGrew, Viega), test case 16. */
    @Test
    void sealsAsTheGcmSpecification() {
        byte[] key = HEX.parseHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        byte[] nonce = HEX.parseHex("cafebabefacedbaddecaf888");
        byte[] aad = HEX.parseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        byte[] plaintext = HEX.parseHex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        byte[] sealed = HEX.parseHex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b");
        assertThat(AesGcm.seal(key, nonce, aad, plaintext)).isEqualTo(sealed);
        assertThat(AesGcm.open(key, nonce, aad, sealed)).contains(plaintext);
        sealed[3] ^= 1;
        assertThat(AesGcm.open(key, nonce, aad, sealed)).isEmpty();
        assertThat(AesGcm.open(key, nonce, aad, new byte[15])).isEmpty();
    }

    @Test
    void namesSecretsByAKeyedHash() {
        Secret secret = Secret.ofText("sk-canary");
        Fingerprint one = new Fingerprint(Secret.owning(repeated(1, 32)));
        Fingerprint other = new Fingerprint(Secret.owning(repeated(2, 32)));
        assertThat(one.of(secret))
                .matches("[0-9a-f]{12}")
                .isEqualTo(one.of(secret.copy()))
                .isNotEqualTo(other.of(secret))
                .isNotEqualTo(HEX.formatHex(Sha256.of("sk-canary".getBytes(UTF_8)), 0, 6));
    }

    /** RFC 4231, case 2. */
    @Test
    void authenticatesAsRfc4231() {
        assertThat(HmacSha256.of(
                        "Jefe".getBytes(UTF_8), "what do ya want ".getBytes(UTF_8), "for nothing?".getBytes(UTF_8)))
                .isEqualTo(HEX.parseHex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    }

    private static byte[] repeated(int value, int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] range(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }
}
