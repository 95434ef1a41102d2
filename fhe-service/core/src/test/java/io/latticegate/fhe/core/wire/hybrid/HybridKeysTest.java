package io.latticegate.fhe.core.wire.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.preset.SecurityTable;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.wire.ContainerException;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import io.latticegate.fhe.core.wire.ResidueSink;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HybridKeysTest {
    private static final long SEED = 20261123;
    private static final CpuScalar BACKEND = new CpuScalar();
    /** Three data primes in two digits, two special primes; lengths at which residues cross words in all ways. */
    private static final CkksParameters PARAMETERS = parameters("hybrid", List.of(45, 31, 40, 47, 50));

    private static final int FIRST_KEY = 48;
    private static Map<Integer, SeededSwitchingKey> keys;
    private static byte[] container;

    private static CkksParameters parameters(String name, List<Integer> bits) {
        return CkksParameters.of(name, SecurityTable.CLASSICAL_128, 8192, bits, 2, 2);
    }

    @BeforeAll
    static void generate() throws IOException {
        KeyGenerator generator = new KeyGenerator(PARAMETERS, BACKEND, MasterSeed.generate(new SecureRandom()), 0);
        SecretKey secret = generator.secretKey();
        keys = Map.of(9, generator.galoisKey(secret, 9), 3, generator.galoisKey(secret, 3));
        container = written(HybridKeyKind.GALOIS, keys);
    }

    private static byte[] written(HybridKeyKind kind, Map<Integer, SeededSwitchingKey> some) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new HybridKeyWriter(PARAMETERS, BACKEND).write(kind, some, out);
        return out.toByteArray();
    }

    private static HybridKeyReader reader() {
        return new HybridKeyReader(PARAMETERS, HybridKeyKind.GALOIS, 2);
    }

    private static void requireSame(SeededSwitchingKey read, SeededSwitchingKey written) {
        assertThat(read.digits()).hasSameSizeAs(written.digits());
        for (int digit = 0; digit < read.digits().size(); digit++) {
            assertThat(read.digits().get(digit).seed())
                    .isEqualTo(written.digits().get(digit).seed());
            assertThat(residues(read.digits().get(digit).body()))
                    .isEqualTo(residues(written.digits().get(digit).body()));
        }
    }

    private static long[] residues(Poly<?> poly) {
        long[] residues = new long[poly.base().words()];
        BACKEND.download(poly, residues, 0);
        return residues;
    }

    @Test
    void readsWhatItWrote() throws IOException {
        int bits = 45 + 31 + 40 + 47 + 50;
        assertThat(container).hasSize(FIRST_KEY + 2 * (4 + 2 * (65 + 8192 / 8 * bits)));
        assertThat(new HybridKeyWriter(PARAMETERS, BACKEND).bytes(2)).isEqualTo(container.length);
        assertThat(reader().bytesMax()).isEqualTo(container.length);
        Map<Integer, SeededSwitchingKey> read = reader().read(new ByteArrayInputStream(container), BACKEND);
        assertThat(read.keySet()).containsExactly(3, 9);
        read.forEach((element, key) -> requireSame(key, keys.getOrDefault(element, key)));
    }

    @Test
    void readsARelinearisationKeyOfS15() throws IOException {
        CkksParameters s15 = Preset.S15.parameters();
        KeyGenerator generator = new KeyGenerator(s15, BACKEND, MasterSeed.generate(new SecureRandom()), 0);
        SeededSwitchingKey key = generator.relinearisationKey(generator.secretKey());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new HybridKeyWriter(s15, BACKEND).write(HybridKeyKind.RELINEARISATION, Map.of(0, key), out);
        var read = new HybridKeyReader(s15, HybridKeyKind.RELINEARISATION, 1)
                .read(new ByteArrayInputStream(out.toByteArray()), BACKEND);
        assertThat(read.keySet()).containsExactly(0);
        requireSame(read.getOrDefault(0, key), key);
        assertThat(read.values().iterator().next()).isNotSameAs(key);
    }

    private static void refused(byte[] bytes, Reason reason) {
        assertThatThrownBy(() -> reader().read(new ByteArrayInputStream(bytes), BACKEND))
                .isInstanceOfSatisfying(
                        ContainerException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    @Test
    void refusesEveryTruncationAndWhatFollows() {
        Random random = new Random(SEED);
        List<Integer> lengths = new ArrayList<>(List.of(0, 1, 47, 48, 51, 52, 116, 117, container.length - 1));
        for (int i = 0; i < 20; i++) {
            lengths.add(random.nextInt(container.length));
        }
        lengths.forEach(length -> refused(Arrays.copyOf(container, length), Reason.TRUNCATED));
        refused(Arrays.copyOf(container, container.length + 1), Reason.TRAILING);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 71, HEADER",
        "3, 50, HEADER",
        "4, 2, VERSION",
        "5, 1, FORM",
        "6, 1, HEADER",
        "7, 1, HEADER",
        "8, -1, PARAMETERS",
        "39, -1, PARAMETERS",
        "40, 0, SIZE",
        "40, 3, SIZE",
        "43, -1, SIZE",
        "44, 3, SIZE",
        "47, 127, SIZE",
        "48, 0, SIZE",
        "48, 1, SIZE",
        "48, 2, SIZE",
        "50, 1, SIZE",
        "51, -1, SIZE",
        "48, 11, SIZE",
        "52, 0, FORM",
        "52, 3, FORM",
        "52, -1, FORM"
    })
    void refusesEachFieldThatIsNotAsItShouldBe(int at, int value, Reason reason) {
        byte[] changed = container.clone();
        // Where the fingerprint would by chance have the value already, its complement differs from it.
        changed[at] = reason == Reason.PARAMETERS ? (byte) ~changed[at] : (byte) value;
        refused(changed, reason);
    }

    @Test
    void refusesResiduesThatAreNotBelowTheirPrimes() {
        int body = FIRST_KEY + 4 + 65;
        byte[] changed = container.clone();
        Arrays.fill(changed, body, body + 6, (byte) 0xff);
        refused(changed, Reason.RESIDUE);
        byte[] prime = container.clone();
        ByteBuffer words = ByteBuffer.wrap(prime).order(ByteOrder.LITTLE_ENDIAN);
        long first = words.getLong(body);
        long value = PARAMETERS.primes().getFirst().value();
        words.putLong(body, first >>> 45 << 45 | value);
        refused(prime, Reason.RESIDUE);
        words.putLong(body, first >>> 45 << 45 | value - 1);
        assertThat(read(prime)).isEqualTo(2);
    }

    private static int read(byte[] bytes) {
        try {
            return reader().read(new ByteArrayInputStream(bytes), (_, _, _) -> (_, _) -> {});
        } catch (IOException refused) {
            assertThat(refused).isInstanceOf(ContainerException.class);
            return 0;
        }
    }

    /** Whatever the bytes: a refusal, or as many residues as the parameters have, all of them below their primes. */
    @Test
    void survivesRandomChanges() throws IOException {
        Random random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            byte[] changed = container.clone();
            int last = random.nextBoolean() ? 160 : changed.length;
            for (int i = random.nextInt(3); i >= 0; i--) {
                changed[random.nextInt(last)] = (byte) random.nextInt();
            }
            long[] count = new long[1];
            ResidueSink counting = (residues, taken) -> {
                assertThat(Arrays.stream(residues, 0, taken).min().orElse(0)).isNotNegative();
                count[0] += taken;
            };
            try {
                int found = reader().read(new ByteArrayInputStream(changed), (_, _, _) -> counting);
                assertThat(found).isEqualTo(2);
                assertThat(count[0]).isEqualTo(2L * 2 * 5 * 8192);
            } catch (ContainerException refusal) {
                assertThat(refusal.allowed()).isNotEmpty();
            }
        }
    }

    @Test
    void refusesKeysOfOtherParametersAndKinds() throws IOException {
        CkksParameters others = parameters("others", List.of(45, 31, 41, 47, 50));
        assertThatThrownBy(() -> new HybridKeyReader(others, HybridKeyKind.GALOIS, 2)
                        .read(new ByteArrayInputStream(container), BACKEND))
                .hasMessageContaining("those of others");
        refused(
                written(
                        HybridKeyKind.RELINEARISATION,
                        Map.of(0, keys.values().iterator().next())),
                Reason.FORM);
        assertThatThrownBy(() -> written(HybridKeyKind.GALOIS, Map.of())).hasMessageContaining("no keys");
        assertThatThrownBy(() -> written(HybridKeyKind.RELINEARISATION, keys)).hasMessageContaining("among those for");
        assertThatThrownBy(() -> new HybridKeyWriter(others, BACKEND)
                        .write(HybridKeyKind.GALOIS, keys, new ByteArrayOutputStream()))
                .hasMessageContaining("allowed: others");
        assertThatThrownBy(() -> new HybridKeyReader(PARAMETERS, HybridKeyKind.RELINEARISATION, 2))
                .hasMessageContaining("allowed: 1 to 1");
    }
}
