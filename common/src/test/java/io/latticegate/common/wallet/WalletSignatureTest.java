package io.latticegate.common.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.wallet.WalletSignature.Parsed;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalletSignatureTest {

    private static final String R = "eb7e205068099c0af0e75ef0525927258dea559356a4f87d22251f9e528219a5";
    private static final String S = "5f2e7e023a3fdd8c6cbba60bb40d434a2a0a1a76107b6235e74167a459d8a5a9";
    private static final BigInteger N =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    private static final String ZERO = "0".repeat(64);

    @ParameterizedTest
    @CsvSource({"00,0", "01,1", "1b,0", "1c,1"})
    void readsTheFourValuesOfV(String v, int yParity) {
        assertThat(valid("0x" + R + S + v))
                .isEqualTo(new WalletSignature(Hash32.parse("0x" + R), Hash32.parse("0x" + S), yParity));
    }

    @Test
    void readsTheCompactFormAsTheSameSignature() {
        String oddS = new BigInteger(S, 16).setBit(255).toString(16);
        assertThat(valid("0x" + R + oddS)).isEqualTo(valid("0x" + R + S + "1c"));
        assertThat(valid("0x" + R + S)).isEqualTo(valid("0x" + R + S + "1b"));
    }

    @Test
    void readsUpperCaseDigitsAndItsOwnBytes() {
        WalletSignature signature = valid("0x" + R.toUpperCase(Locale.ROOT) + S + "1C");
        assertThat(HexFormat.of().formatHex(signature.toBytes())).isEqualTo(R + S + "1c");
        assertThat(WalletSignature.parse(signature.toBytes())).isEqualTo(new Parsed.Valid(signature));
        assertThat(HexFormat.of().formatHex(signature.scalars())).isEqualTo(R + S);
    }

    @ParameterizedTest
    @ValueSource(strings = {"02", "03", "1a", "1d", "1e", "1f", "23", "25", "26", "2a", "ff"})
    void refusesOtherValuesOfVAmongThemThoseOfEip155(String v) {
        assertThat(malformed("0x" + R + S + v)).contains("0, 1, 27 or 28");
    }

    @Test
    void refusesHighS() {
        BigInteger half = N.shiftRight(1);
        assertThat(malformed("0x" + R + word(N.subtract(new BigInteger(S, 16))) + "1b"))
                .contains("low-s");
        assertThat(malformed("0x" + R + word(half.add(BigInteger.ONE)) + "1b")).contains("low-s");
        assertThat(malformed("0x" + R + word(half.add(BigInteger.ONE)))).contains("low-s");
        assertThat(valid("0x" + R + word(half) + "1b").s()).hasToString("0x" + word(half));
    }

    @Test
    void refusesScalarsOutOfRange() {
        assertThat(malformed("0x" + ZERO + S + "1b")).startsWith("r must");
        assertThat(malformed("0x" + word(N) + S + "1b")).startsWith("r must");
        assertThat(malformed("0x" + word(N.add(BigInteger.ONE)) + S + "1b")).startsWith("r must");
        assertThat(malformed("0x" + "f".repeat(64) + S + "1b")).startsWith("r must");
        assertThat(malformed("0x" + R + ZERO + "1b")).startsWith("s must");
        assertThat(malformed("0x" + R + ZERO)).startsWith("s must");
        assertThat(malformed("0x" + R + word(N) + "1b")).startsWith("s must");
        assertThat(malformed("0x" + ZERO + ZERO + "00")).startsWith("r must");
        assertThat(valid("0x" + word(N.subtract(BigInteger.ONE)) + S + "1b").yParity())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0x",
                "0x00",
                R + S + "1b",
                "0x" + R + S + "1",
                "0x" + R + S + "1b0",
                "0x" + R + S + "1b00",
                "0x" + R + S + "0000",
                "0X" + R + S + "1b",
                "0x" + R + S + "1g",
                " 0x" + R + S + "1",
                "0x" + R + S + "1b\n",
                "0x" + R + S + "٢b"
            })
    void refusesOtherLengthsAndDigits(String text) {
        assertThat(malformed(text)).contains("hexadecimal digits");
    }

    @Test
    void cannotBeBuiltOutOfRange() {
        Hash32 r = Hash32.parse("0x" + R);
        Hash32 high = Hash32.parse("0x" + word(N.subtract(new BigInteger(S, 16))));
        assertThatIllegalArgumentException().isThrownBy(() -> new WalletSignature(r, high, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new WalletSignature(Hash32.ZERO, r, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new WalletSignature(r, Hash32.parse("0x" + S), 2));
    }

    private static WalletSignature valid(String text) {
        assertThat(WalletSignature.parse(text)).isInstanceOf(Parsed.Valid.class);
        return ((Parsed.Valid) WalletSignature.parse(text)).signature();
    }

    private static String malformed(String text) {
        assertThat(WalletSignature.parse(text)).isInstanceOf(Parsed.Malformed.class);
        return ((Parsed.Malformed) WalletSignature.parse(text)).why();
    }

    private static String word(BigInteger number) {
        String digits = number.toString(16);
        return "0".repeat(64 - digits.length()) + digits;
    }
}
