package io.latticegate.admin.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionKeyTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void aCookieGivesBackItsKey() {
        SessionKey key = SessionKey.create(random);

        SessionKey parsed = SessionKey.parse(key.cookie()).orElseThrow();

        assertThat(parsed.digest()).isEqualTo(key.digest());
        assertThat(parsed.csrfToken()).isEqualTo(key.csrfToken());
    }

    @Test
    void eachUseHasAValueOfItsOwn() {
        SessionKey key = SessionKey.create(random);

        assertThat(Set.of(
                        key.cookie(),
                        key.csrfToken(),
                        key.derivedText("oidc state"),
                        key.derivedText("oidc nonce"),
                        key.derivedText("oidc verifier"),
                        SessionKey.create(random).csrfToken()))
                .hasSize(6);
        assertThat(key.derive("a", "b".getBytes(StandardCharsets.US_ASCII)))
                .isNotEqualTo(key.derive("ab", new byte[0]))
                .isNotEqualTo(key.derive("a", new byte[0]));
        assertThat(key).hasToString("SessionKey(****)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "short",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA"
            })
    void anythingElseIsNoKey(String cookie) {
        assertThat(SessionKey.parse(cookie)).isEmpty();
    }

    @Test
    void tokensHaveTheirShape() {
        try (PrincipalToken token = PrincipalToken.create(random)) {
            byte[] ascii = token.expose(byte[]::clone);

            assertThat(new String(ascii, StandardCharsets.US_ASCII)).matches("lgm_[A-Za-z0-9_-]{32}");
            assertThat(PrincipalToken.matches(ascii)).isTrue();
            assertThat(token.digest()).isEqualTo(PrincipalToken.digest(ascii)).hasSize(32);
            ascii[0] = 'x';
            assertThat(PrincipalToken.matches(ascii)).isFalse();
            assertThat(PrincipalToken.matches("lgm_".getBytes(StandardCharsets.US_ASCII)))
                    .isFalse();
            assertThat(PrincipalToken.matches(new byte[0])).isFalse();
        }
    }
}
