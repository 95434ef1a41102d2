package io.latticegate.common.wallet;

import static io.latticegate.common.wallet.SignedBodies.DELETE_DATA;
import static io.latticegate.common.wallet.SignedBodies.LLM_SIGNATURE;
import static io.latticegate.common.wallet.SignedBodies.STORE;
import static io.latticegate.common.wallet.SignedBodies.accepted;
import static io.latticegate.common.wallet.SignedBodies.changed;
import static io.latticegate.common.wallet.SignedBodies.refused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.wallet.Reading.Accepted;
import io.latticegate.common.wallet.Reading.Refused;
import io.latticegate.common.wallet.SignedBody.VaultDelete;
import io.latticegate.common.wallet.SignedBody.VaultStore;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultBodyReaderTest {

    private final SignedActions actions =
            new SignedActions(new WalletDomains("LLM Relay Service", "1", List.of(1L, 8453L), "LLM Relay Vault", "1"));
    private final SignedBodyReader reader = new SignedBodyReader(actions, new SignedBodyLimits(65_536, 4_096));

    @Test
    void readsADepositAndGivesTheKeyAsBytesThatAreWiped() {
        VaultStore store = accepted(reader.readVaultStore(STORE.getBytes(UTF_8), null));
        assertThat(store.digest()).hasToString("0x50f2d1ef91a430ea99ea867f1f21e5676eea4805a971d6408d57fcf440ac8aad");
        assertThat(store.provider()).isEqualTo("openai");
        assertThat(store.timestamp()).isEqualTo(1_700_000_000L);
        byte[] key = store.apiKey();
        assertThat(new String(key, UTF_8)).isEqualTo("sk-test");
        assertThat(store.toString()).doesNotContain("sk-test");
        store.close();
        assertThat(key).containsOnly(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sk-test            | sk-test
            \\u0073k-te\\u0073t | sk-test
            a\\"b\\\\c\\/d      | a"b\\c/d
            ~!@#$%^&*()_+      | ~!@#$%^&*()_+
            """)
    void findsTheKeyWhereverItStandsInTheDocument(String json, String plain) {
        String body = changed(STORE, "\"apiKey\":\"sk-test\"", "\n\t\"apiKey\" :\r\n  \"" + json + "\"  ");
        try (VaultStore store = accepted(reader.readVaultStore(body.getBytes(UTF_8), null))) {
            assertThat(new String(store.apiKey(), UTF_8)).isEqualTo(plain);
            assertThat(store.digest())
                    .isEqualTo(actions.vaultStore("openai", plain.getBytes(UTF_8), BigInteger.valueOf(1_700_000_000)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sk test", "sk-té", "sk\\ntest", "\\u0000", "\\u00e9", "sk\\u007f", "\\ud83d\\ude00"})
    void refusesKeysThatNoHeaderCouldCarry(String key) {
        Refused<VaultStore> refused =
                refused(reader.readVaultStore(changed(STORE, "sk-test", key).getBytes(UTF_8), null));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.detail()).contains("message.apiKey");
    }

    @Test
    void boundsTheKeyAndNeverRepeatsIt() {
        String longest = "k".repeat(4_096);
        assertThat(reader.readVaultStore(changed(STORE, "sk-test", longest).getBytes(UTF_8), null))
                .isInstanceOf(Accepted.class);
        Refused<VaultStore> refused = refused(
                reader.readVaultStore(changed(STORE, "sk-test", longest + "k").getBytes(UTF_8), null));
        assertThat(refused.detail()).contains("4096").doesNotContain("kkk");
        String broken = STORE.substring(0, STORE.indexOf("sk-test") + 5);
        assertThat(refused(reader.readVaultStore(broken.getBytes(UTF_8), null)).code())
                .isEqualTo("malformed_body");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "version":"1"           | "version":"1","chainId":1
            "name":"LLM Relay Vault" | "name":"LLM Relay Service"
            "primaryType":"VaultStore" | "primaryType":"VaultDelete"
            """)
    void refusesADepositUnderAnotherDomain(String part, String replacement) {
        assertThat(refused(reader.readVaultStore(
                                changed(STORE, part, replacement).getBytes(UTF_8), null))
                        .code())
                .isEqualTo("typed_data_schema_mismatch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "open ai", "a/b", "..", "a..b", "öpenai"})
    void refusesProvidersThatAreNoNames(String provider) {
        assertThat(refused(reader.readVaultStore(
                                changed(STORE, "openai", provider).getBytes(UTF_8), null))
                        .detail())
                .contains("message.provider");
    }

    @Test
    void readsARemovalFromBodyOrHeaderAlike() {
        String body = "{\"typedData\":" + DELETE_DATA + "}";
        VaultDelete fromBody = accepted(reader.readVaultDelete(body.getBytes(UTF_8), LLM_SIGNATURE));
        String header = Base64.getUrlEncoder().withoutPadding().encodeToString(DELETE_DATA.getBytes(UTF_8));
        assertThat(accepted(reader.readVaultDeleteHeader(header, LLM_SIGNATURE)))
                .isEqualTo(fromBody);
        assertThat(fromBody.provider()).isEqualTo("openai");
        assertThat(fromBody.claim().nonce()).isEqualTo(BigInteger.valueOf(7));
        assertThat(refused(reader.readVaultDeleteHeader("!", LLM_SIGNATURE)).status())
                .isEqualTo(400);
        assertThat(refused(reader.readVaultDeleteHeader("A".repeat(8_193), LLM_SIGNATURE))
                        .status())
                .isEqualTo(400);
        String trailing = Base64.getUrlEncoder().encodeToString((DELETE_DATA + "{}").getBytes(UTF_8));
        assertThat(refused(reader.readVaultDeleteHeader(trailing, LLM_SIGNATURE))
                        .status())
                .isEqualTo(400);
    }
}
