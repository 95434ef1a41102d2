package io.latticegate.common.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HpkeTest {
    private static final HexFormat HEX = HexFormat.of();

    /** CFRG's test vector of RFC 9180 for mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002, first encryption. */
    private static final byte[] RECEIVER_PRIVATE =
            HEX.parseHex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d");

    private static final byte[] RECEIVER_PUBLIC =
            HEX.parseHex("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c");
    private static final byte[] EPHEMERAL_PRIVATE =
            HEX.parseHex("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
    private static final byte[] ENCAPSULATED =
            HEX.parseHex("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256");
    private static final byte[] CIPHERTEXT =
            HEX.parseHex("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a");
    private static final byte[] INFO = "Ode on a Grecian Urn".getBytes(UTF_8);
    private static final byte[] AAD = "Count-0".getBytes(UTF_8);
    private static final String PLAINTEXT = "Beauty is truth, truth beauty";

    private final SealingKeyPair receiver = SealingKeyPair.of(Secret.owning(RECEIVER_PRIVATE.clone()));
    private final SecureRandom random = new SecureRandom();

    @Test
    void sealsAsTheVectorOfRfc9180() {
        SealingKeyPair ephemeral = SealingKeyPair.of(Secret.owning(EPHEMERAL_PRIVATE.clone()));
        assertThat(receiver.publicKey()).isEqualTo(RECEIVER_PUBLIC);
        assertThat(Hpke.seal(RECEIVER_PUBLIC, INFO, AAD, Secret.ofText(PLAINTEXT), ephemeral))
                .isEqualTo(new SealedSecret(ENCAPSULATED, CIPHERTEXT));
    }

    @Test
    void opensTheVectorOfRfc9180() {
        assertThat(Hpke.open(receiver, INFO, AAD, new SealedSecret(ENCAPSULATED, CIPHERTEXT)))
                .contains(Secret.ofText(PLAINTEXT));
    }

    @Test
    void opensWhatItSealedAndNeverSealsTheSameWayTwice() {
        Secret longest = Secret.owning(new byte[Secret.MAX_BYTES]);
        SealedSecret first = Hpke.seal(receiver.publicKey(), INFO, AAD, longest);
        assertThat(Hpke.open(receiver, INFO, AAD, first)).contains(longest);
        assertThat(Hpke.seal(receiver.publicKey(), INFO, AAD, longest)).isNotEqualTo(first);
    }

    @Test
    void refusesEveryFlippedBit() {
        for (int bit = 0; bit < (ENCAPSULATED.length + CIPHERTEXT.length) * 8; bit++) {
            byte[] encapsulated = ENCAPSULATED.clone();
            byte[] ciphertext = CIPHERTEXT.clone();
            int at = bit / 8;
            byte mask = (byte) (1 << (bit % 8));
            if (at < encapsulated.length) {
                encapsulated[at] ^= mask;
            } else {
                ciphertext[at - encapsulated.length] ^= mask;
            }
            assertThat(Hpke.open(receiver, INFO, AAD, new SealedSecret(encapsulated, ciphertext)))
                    .as("bit %d", bit)
                    .isEmpty();
        }
    }

    @Test
    void refusesAnotherPurposeAnotherQuestionAndAnotherReceiver() {
        SealedSecret sealed = Hpke.seal(receiver.publicKey(), INFO, AAD, Secret.ofText(PLAINTEXT));
        assertThat(Hpke.open(receiver, AAD, AAD, sealed)).isEmpty();
        assertThat(Hpke.open(receiver, INFO, INFO, sealed)).isEmpty();
        assertThat(Hpke.open(SealingKeyPair.generate(random), INFO, AAD, sealed))
                .isEmpty();
    }

    @Test
    void refusesLowOrderPoints() {
        byte[] zero = new byte[32];
        byte[] one = new byte[32];
        one[0] = 1;
        for (byte[] point : new byte[][] {zero, one}) {
            assertThatThrownBy(() -> Hpke.seal(point, INFO, AAD, Secret.ofText(PLAINTEXT)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("low-order");
            assertThat(Hpke.open(receiver, INFO, AAD, new SealedSecret(point, CIPHERTEXT)))
                    .isEmpty();
        }
    }

    @Test
    void aClosedKeyPairOpensNothingAndPrintsNoKey() {
        SealingKeyPair closed = SealingKeyPair.of(Secret.owning(RECEIVER_PRIVATE.clone()));
        assertThat(closed.toString()).matches("SealingKeyPair\\([0-9a-f]{12}\\)");
        closed.close();
        assertThatThrownBy(() -> Hpke.open(closed, INFO, AAD, new SealedSecret(ENCAPSULATED, CIPHERTEXT)))
                .isInstanceOf(IllegalStateException.class);
    }
}
