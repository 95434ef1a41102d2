package io.latticegate.fhe.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealObjectsTest {
    private static final RnsBackend BACKEND = Backends.cpu();

    @Test
    void levelsHaveTheSameNamesOnBothSides() {
        for (Preset preset : List.of(Preset.S12, Preset.S13, Preset.S14)) {
            CkksParameters parameters = preset.parameters();
            ParameterChain chain = SealObjects.chain(parameters);
            assertThat(chain.keyId()).isEqualTo(parameters.keyParmsId());
            assertThat(chain.dataPrimes()).isEqualTo(parameters.topLevel() + 1);
            for (int level = 0; level <= parameters.topLevel(); level++) {
                assertThat(chain.id(level + 1)).isEqualTo(parameters.parmsId(level));
            }
        }
    }

    @Test
    void refusesParametersThatSealDoesNotHave() {
        assertThatThrownBy(() -> SealObjects.chain(Preset.S15.parameters()))
                .hasMessageContaining("S15 has 2 special primes and digits of 2");
    }

    @Test
    void objectsComeBackAsTheyWere() {
        Samples samples = new Samples(11);
        SealObjects objects = new SealObjects(Preset.S13.parameters(), BACKEND);
        ParameterChain chain = objects.chain();
        for (int size = 2; size <= 3; size++) {
            for (int primes = 1; primes <= 2; primes++) {
                SealCiphertext stored = samples.ciphertext(chain, size, primes, false);
                try (Ciphertext ciphertext = objects.ciphertext(stored)) {
                    assertThat(objects.container(ciphertext)).isEqualTo(stored);
                }
            }
        }
        SealCiphertext seeded = samples.ciphertext(chain, 2, 2, true);
        try (Ciphertext ciphertext = objects.ciphertext(seeded)) {
            SealCiphertext whole = objects.container(ciphertext);
            assertThat(whole.residues()).isEqualTo(seeded.expanded(chain));
            assertThat(whole.seed()).isNull();
        }
        SealPlaintext plaintext = samples.plaintext(chain, 1);
        assertThat(objects.container(objects.plaintext(plaintext))).isEqualTo(plaintext);
    }

    @Test
    void galoisKeysAreFoundByTheirElements() {
        SealObjects objects = new SealObjects(Preset.S13.parameters(), BACKEND);
        KeySwitchKeys stored = new Samples(12).galois(objects.chain(), true, 3, 9, 16383);
        try (GaloisKeys keys = objects.galoisKeys(stored)) {
            assertThat(keys.byElement()).containsOnlyKeys(3, 9, 16383);
            int words = keys.require(9).digits().getFirst().mask().base().words();
            long[] mask = new long[words];
            BACKEND.download(keys.require(9).digits().get(1).mask(), mask, 0);
            long[] expected = stored.keys().get(4).get(1).expanded(objects.chain());
            assertThat(mask).isEqualTo(Arrays.copyOfRange(expected, words, 2 * words));
        }
    }
}
