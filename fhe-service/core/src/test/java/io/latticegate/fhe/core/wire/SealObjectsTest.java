package io.latticegate.fhe.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** Rotations and relinearisation with keys in a mapped file give what they give with keys on the heap. */
    @Test
    void keysInAMappedFileComputeTheSame(@TempDir Path folder) throws IOException {
        Samples samples = new Samples(13);
        CkksParameters parameters = Preset.S13.parameters();
        SealObjects objects = new SealObjects(parameters, BACKEND);
        ParameterChain chain = objects.chain();
        Evaluator evaluator = new Evaluator(parameters, BACKEND);
        int step = GaloisElements.rotation(parameters.degree(), 5);
        KeySwitchKeys galois = samples.galois(chain, true, 3, step);
        KeySwitchKeys relin = samples.relinearisation(chain, false);
        SealCiphertext product = samples.ciphertext(chain, 3, 2, false);
        SealCiphertext one = samples.ciphertext(chain, 2, 2, false);
        try (Arena arena = Arena.ofConfined();
                Ciphertext ciphertext = objects.ciphertext(one);
                Ciphertext three = objects.ciphertext(product)) {
            MemorySegment galoisFile = mapped(folder.resolve("galois"), MappedKeys.bytes(parameters, 2), arena);
            MappedKeys filled = new MappedKeys(parameters, BACKEND, galoisFile);
            KeySwitchKeyReader.galois(chain, 2)
                    .read(in(out -> SealWriter.write(galois, out, Compression.ZLIB)), filled);
            MappedKeys reopened = new MappedKeys(parameters, BACKEND, galoisFile, filled.indices());
            assertThat(objects.container(evaluator.rotate(ciphertext, 5, reopened.galoisKeys())))
                    .isEqualTo(objects.container(evaluator.rotate(ciphertext, 5, objects.galoisKeys(galois))));

            MemorySegment relinFile = mapped(folder.resolve("relin"), MappedKeys.bytes(parameters, 1), arena);
            MappedKeys key = new MappedKeys(parameters, BACKEND, relinFile);
            KeySwitchKeyReader.relinearisation(chain)
                    .read(in(out -> SealWriter.write(relin, out, Compression.NONE)), key);
            assertThat(objects.container(evaluator.relinearise(three, key.relinearisationKey())))
                    .isEqualTo(objects.container(evaluator.relinearise(three, objects.relinearisationKey(relin))));
            assertThatThrownBy(filled::relinearisationKey).hasMessageContaining("index 0 alone");
            MappedKeys small = new MappedKeys(parameters, BACKEND, relinFile);
            assertThatThrownBy(() -> KeySwitchKeyReader.galois(chain, 2)
                            .read(in(out -> SealWriter.write(galois, out, Compression.NONE)), small))
                    .hasMessageContaining("for 2 keys");
        }
    }

    @Test
    void ciphertextsPassThroughASinkExpanded() throws IOException {
        ParameterChain chain = SealObjects.chain(Preset.S13.parameters());
        SealCiphertext seeded = new Samples(14).ciphertext(chain, 2, 2, true);
        CiphertextReader reader = new CiphertextReader(chain, new CiphertextRules(2, 2, 2, 0x1p20));
        long[] residues = new long[seeded.shape().words()];
        CiphertextShape shape = reader.read(
                in(out -> SealWriter.write(seeded, out, Compression.NONE)), _ -> ResidueSink.into(residues, 0));

        assertThat(shape).isEqualTo(seeded.shape());
        assertThat(residues).isEqualTo(seeded.expanded(chain));
    }

    private static InputStream in(Samples.Writing writing) {
        return new ByteArrayInputStream(Samples.bytes(writing));
    }

    private static MemorySegment mapped(Path file, long size, Arena arena) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        }
    }
}
