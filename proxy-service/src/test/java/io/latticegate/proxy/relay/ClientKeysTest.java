package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.vertx.core.MultiMap;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ClientKeysTest {
    private static final Set<String> PROVIDERS = Set.of("openai", "anthropic");

    private final Fingerprint fingerprint = Fingerprint.random(new SecureRandom());

    @Test
    void aRequestWithoutAnyHasNone() {
        assertThat(ClientKeys.read(headers("Authorization", "Bearer sk-1"), () -> PROVIDERS, fingerprint))
                .isEqualTo(new ClientKeys.Reading.Read(null));
    }

    @Test
    void aNamedKeyIsForItsProviderAlone() {
        ClientKeys keys = read(headers("x-provider-KEY-openai", "sk-one"));

        assertThat(keys.isUnclear(PROVIDERS)).isFalse();
        assertThat(keys.isForAny(Set.of("anthropic"))).isFalse();
        assertThat(keys.isForAny(PROVIDERS)).isTrue();
        assertThat(lent(keys, PROVIDERS, "openai")).containsExactly("sk-one");
        assertThat(lent(keys, PROVIDERS, "anthropic")).isEmpty();
    }

    @Test
    void anUnnamedKeyIsForTheOnlyProviderThatARequestCanGoTo() {
        ClientKeys keys = read(headers("X-Provider-Key", "sk-one"));

        assertThat(keys.isUnclear(PROVIDERS)).isTrue();
        assertThat(keys.isUnclear(Set.of())).isTrue();
        assertThat(keys.isUnclear(Set.of("anthropic"))).isFalse();
        assertThat(lent(keys, Set.of("anthropic"), "anthropic")).containsExactly("sk-one");
        assertThat(lent(keys, Set.of("anthropic"), "openai")).isEmpty();
    }

    @Test
    void keysAreNamedWithoutBeingShown() {
        ClientKeys one = read(headers("X-Provider-Key", "sk-secret-one"));
        ClientKeys same = read(headers("X-Provider-Key", "sk-secret-one"));
        ClientKeys other = read(headers("X-Provider-Key", "sk-secret-two"));

        assertThat(one.fingerprints()).isEqualTo(same.fingerprints()).isNotEqualTo(other.fingerprints());
        assertThat(one.toString()).doesNotContain("secret");
    }

    @Test
    void whatIsSentTwiceIsAmbiguous() {
        assertThat(refusal(headers("X-Provider-Key", "sk-1").add("X-Provider-Key", "sk-2")))
                .isEqualTo("ambiguous_credentials");
        assertThat(refusal(headers("X-Provider-Key-openai", "sk-1").add("x-provider-key-openai", "sk-1")))
                .isEqualTo("ambiguous_credentials");
        assertThat(refusal(headers("X-Provider-Key-openai", "sk-1").add("X-Provider-Key", "sk-1")))
                .isEqualTo("ambiguous_credentials");
    }

    @Test
    void whatIsNoKeyIsRefused() {
        assertThat(refusal(headers("X-Provider-Key", ""))).isEqualTo("invalid_provider_key");
        assertThat(refusal(headers("X-Provider-Key", "two words"))).isEqualTo("invalid_provider_key");
        assertThat(refusal(headers("X-Provider-Key", "k".repeat(ClientKeys.KEY_BYTES_MAX + 1))))
                .isEqualTo("invalid_provider_key");
        assertThat(refusal(headers("X-Provider-Key-", "sk-1"))).isEqualTo("unknown_provider");
        assertThat(refusal(headers("X-Provider-Key-nobody", "sk-1"))).isEqualTo("unknown_provider");
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }

    private ClientKeys read(MultiMap headers) {
        if (ClientKeys.read(headers, () -> PROVIDERS, fingerprint) instanceof ClientKeys.Reading.Read(ClientKeys keys)
                && keys != null) {
            return keys;
        }
        throw new AssertionError("no keys were read");
    }

    private String refusal(MultiMap headers) {
        return ClientKeys.read(headers, () -> PROVIDERS, fingerprint) instanceof ClientKeys.Reading.Refused(var refusal)
                ? refusal.code()
                : "";
    }

    private static List<String> lent(ClientKeys keys, Set<String> providers, String provider) {
        List<String> lent = new ArrayList<>();
        keys.source(providers).findAll(provider, new KeyLeases.Outcomes() {
            @Override
            public void leased(List<KeyLease> leases) {
                for (KeyLease lease : leases) {
                    assertThat(lease.isClients()).isTrue();
                    assertThat(lease.provider()).isEqualTo(provider);
                    lent.add(new String(lease.key().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII));
                    lease.release();
                }
            }

            @Override
            public void none() {}

            @Override
            public void unavailable(String reason) {
                throw new AssertionError(reason);
            }
        });
        return lent;
    }
}
