package io.latticegate.client.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Secret;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

final class LocalKeyTest {
    @Test
    void opensForItselfOnly() {
        try (LocalKey key = new LocalKey(Secret.ofText("sk-own"))) {
            assertThat(key.opens("Bearer sk-own")).isTrue();
            assertThat(key.opens("bearer  sk-own ")).isTrue();
            assertThat(key.opens("Bearer sk-owm")).isFalse();
            assertThat(key.opens("Bearer sk-own2")).isFalse();
            assertThat(key.opens("Bearer ")).isFalse();
            assertThat(key.opens("sk-own")).isFalse();
            assertThat(key.opens(null)).isFalse();
        }
    }

    @Test
    void isAnotherOneEachTime() {
        try (LocalKey one = LocalKey.generate(new SecureRandom());
                LocalKey other = LocalKey.generate(new SecureRandom())) {
            assertThat(one.reveal()).matches("sk-local-[A-Za-z0-9_-]{43}").isNotEqualTo(other.reveal());
            assertThat(other.opens("Bearer " + one.reveal())).isFalse();
        }
    }
}
