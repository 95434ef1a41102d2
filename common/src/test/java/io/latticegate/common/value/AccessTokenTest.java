package io.latticegate.common.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccessTokenTest {
    private static final String TEXT = "sk-AbCdEfGhIjKlMnOpQrSt-_";

    private final SecureRandom random = new SecureRandom();

    @Test
    void neverRepeatsAndHasTheShapeOfEveryToken() {
        Set<TokenDigest> digests = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            try (AccessToken token = AccessToken.create(random)) {
                String text = text(token);
                assertThat(AccessToken.matches(text)).isTrue();
                assertThat(text.matches("^sk-[A-Za-z0-9_-]{22}$")).isTrue();
                digests.add(token.digest());
            }
        }
        assertThat(digests).hasSize(100_000);
    }

    @Test
    void spreadsEveryBitOfItsRandomness() {
        int[] ones = new int[128];
        for (int i = 0; i < 2_000; i++) {
            try (AccessToken token = AccessToken.create(random)) {
                byte[] bits = Base64.getUrlDecoder().decode(text(token).substring(3));
                for (int bit = 0; bit < 128; bit++) {
                    ones[bit] += (bits[bit / 8] >> (bit % 8)) & 1;
                }
            }
        }
        // Six standard deviations of a fair coin thrown 2,000 times.
        for (int count : ones) {
            assertThat(count).isBetween(866, 1_134);
        }
    }

    @Test
    void digestsTheWholeText() throws Exception {
        try (AccessToken token = AccessToken.of(TEXT)) {
            byte[] expected = MessageDigest.getInstance("SHA-256").digest(TEXT.getBytes(StandardCharsets.US_ASCII));
            assertThat(token.digest()).isEqualTo(TokenDigest.of(expected));
        }
    }

    @Test
    void showsFourCharactersAtEachEnd() {
        try (AccessToken token = AccessToken.of(TEXT)) {
            assertThat(token.obfuscated()).isEqualTo("sk-AbCd**************St-_");
            assertThat(token).hasToString("AccessToken(****)");
        }
    }

    @Test
    void refusesEveryOtherShape() {
        for (String text : List.of(
                "",
                "sk-",
                TEXT + "x",
                TEXT.substring(0, 24),
                "pk-AbCdEfGhIjKlMnOpQrSt-_",
                "SK-AbCdEfGhIjKlMnOpQrSt-_",
                "sk_AbCdEfGhIjKlMnOpQrSt-_",
                "sk-AbCdEfGhIjKlMnOpQrSt+/",
                "sk-AbCdEfGhIjKlMnOpQrSt-\n",
                "sk-AbCdEfGhIjKlMnOpQrSt-\u0160")) {
            assertThat(AccessToken.matches(text)).as(text).isFalse();
            assertThatIllegalArgumentException().isThrownBy(() -> AccessToken.of(text));
        }
    }

    @Test
    void isGoneWhenClosed() {
        AccessToken token = AccessToken.create(random);
        token.close();
        assertThat(token.expose(byte[]::clone)).containsOnly(0);
    }

    private static String text(AccessToken token) {
        return token.expose(ascii -> new String(ascii, StandardCharsets.US_ASCII));
    }
}
