package io.latticegate.fhe.core.wire;

import static io.latticegate.fhe.core.wire.Samples.CHAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import io.latticegate.fhe.core.wire.client.SecretKeyContainer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Input that nobody vouches for. The system property {@code latticegate.fuzz} sets the number of mutations, 10000 unless
 * given.
 */
class HostileContainersTest {
    private static final Samples SAMPLES = new Samples(1);
    private static final int LIMIT_BYTES = 16;

    /** A kind of object: how it is read, and a good container of it. */
    record Kind(String name, Reading reading, byte[] good) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    interface Reading {
        Object from(InputStream in) throws IOException;
    }

    static List<Kind> kinds() {
        CiphertextReader ciphertexts = new CiphertextReader(CHAIN, CiphertextRules.wellFormed(CHAIN));
        KeySwitchKeyReader relin = KeySwitchKeyReader.relinearisation(CHAIN);
        KeySwitchKeyReader galois = KeySwitchKeyReader.galois(CHAIN, 2);
        SealCiphertext two = SAMPLES.ciphertext(CHAIN, 2, 2, false);
        SealCiphertext seeded = SAMPLES.ciphertext(CHAIN, 2, 1, true);
        SealPlaintext plaintext = SAMPLES.plaintext(CHAIN, 1);
        KeySwitchKeys relinKeys = SAMPLES.relinearisation(CHAIN, true);
        KeySwitchKeys galoisKeys = SAMPLES.galois(CHAIN, true, 3, 2047);
        SealCiphertext publicKey = SAMPLES.key(CHAIN, false);
        return List.of(
                kind("parameters", ParametersReader::read, out -> SealWriter.write(CHAIN, out, Compression.NONE)),
                kind("ciphertext", ciphertexts::read, out -> SealWriter.write(two, out, Compression.NONE)),
                kind("ciphertext, zlib", ciphertexts::read, out -> SealWriter.write(two, out, Compression.ZLIB)),
                kind("seeded ciphertext", ciphertexts::read, out -> SealWriter.write(seeded, out, Compression.NONE)),
                kind(
                        "plaintext",
                        new PlaintextReader(CHAIN)::read,
                        out -> SealWriter.write(plaintext, out, Compression.NONE)),
                kind(
                        "public key",
                        new PublicKeyReader(CHAIN)::read,
                        out -> SealWriter.write(publicKey, out, Compression.NONE)),
                kind("relinearisation keys", relin::read, out -> SealWriter.write(relinKeys, out, Compression.NONE)),
                kind("Galois keys", galois::read, out -> SealWriter.write(galoisKeys, out, Compression.NONE)),
                kind("Galois keys, zlib", galois::read, out -> SealWriter.write(galoisKeys, out, Compression.ZLIB)));
    }

    private static Kind kind(String name, Reading reading, Samples.Writing writing) {
        return new Kind(name, reading, Samples.bytes(writing));
    }

    private static Kind kind(String name) {
        return kinds().stream()
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ContainerException refusal(Kind kind, byte[] bytes) {
        try {
            kind.reading().from(new ByteArrayInputStream(bytes));
        } catch (ContainerException refusal) {
            return refusal;
        } catch (IOException fault) {
            throw new AssertionError("not a refusal", fault);
        }
        throw new AssertionError(kind + " was accepted");
    }

    private static byte[] with(byte[] good, int at, long value) {
        byte[] bytes = good.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return bytes;
    }

    private static byte[] withByte(byte[] good, int at, int value) {
        byte[] bytes = good.clone();
        bytes[at] = (byte) value;
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesEveryTruncation(Kind kind) {
        int step = Math.max(1, kind.good().length / 3000);
        for (int length = 0; length < kind.good().length; length += length < 600 ? 1 : step) {
            ContainerException refusal = refusal(kind, Arrays.copyOf(kind.good(), length));
            assertThat(refusal.reason()).as("%d bytes", length).isEqualTo(Reason.TRUNCATED);
        }
    }

    /** A container whose header claims the truncated size is whole as a container; the object in it is not. */
    @ParameterizedTest
    @MethodSource("kinds")
    void refusesEveryTruncationThatTheHeaderOwnsUpTo(Kind kind) {
        int step = Math.max(1, kind.good().length / 3000);
        for (int length = 16; length < kind.good().length; length += length < 600 ? 1 : step) {
            ContainerException refusal = refusal(kind, with(Arrays.copyOf(kind.good(), length), 8, length));
            assertThat(refusal.reason()).as("%d bytes", length).isIn(Reason.TRUNCATED, Reason.COMPRESSION);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesTrailingBytes(Kind kind) {
        byte[] longer = Arrays.copyOf(kind.good(), kind.good().length + 1);
        assertThat(refusal(kind, longer).reason()).isEqualTo(Reason.TRAILING);
        assertThat(refusal(kind, with(longer, 8, longer.length)).reason()).isIn(Reason.TRAILING, Reason.SIZE);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesHeadersThatAreNotSeals(Kind kind) {
        byte[] good = kind.good();
        assertThat(refusal(kind, withByte(good, 0, 0x5f)).reason()).isEqualTo(Reason.HEADER);
        assertThat(refusal(kind, withByte(good, 2, 17)).reason()).isEqualTo(Reason.HEADER);
        assertThat(refusal(kind, withByte(good, 6, 1)).reason()).isEqualTo(Reason.HEADER);
        assertThat(refusal(kind, withByte(good, 3, 3)).reason()).isEqualTo(Reason.VERSION);
        assertThat(refusal(kind, withByte(good, 4, 0)).reason()).isEqualTo(Reason.VERSION);
        assertThat(refusal(kind, withByte(good, 4, 5)).reason()).isEqualTo(Reason.VERSION);
        assertThat(refusal(kind, withByte(good, 5, 3)).reason()).isEqualTo(Reason.COMPRESSION);
        for (long size : new long[] {0, 15, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40}) {
            assertThat(refusal(kind, with(good, 8, size)).reason()).isEqualTo(Reason.SIZE);
        }
    }

    @Test
    void refusesNestedVersionsAndSizesThatDiffer() {
        Kind ciphertext = kind("ciphertext");
        int array = CiphertextBody.OVERHEAD_BYTES - 24;
        assertThat(refusal(ciphertext, withByte(ciphertext.good(), array + 4, 4))
                        .reason())
                .isEqualTo(Reason.VERSION);
        assertThat(refusal(ciphertext, withByte(ciphertext.good(), array + 5, 1))
                        .reason())
                .isEqualTo(Reason.COMPRESSION);
        assertThat(refusal(ciphertext, with(ciphertext.good(), array + 8, 40)).reason())
                .isEqualTo(Reason.SIZE);
    }

    @Test
    void namesWhatIsWrongWithACiphertext() {
        Kind kind = kind("ciphertext");
        byte[] good = kind.good();
        assertThat(refusal(kind, with(good, 16, 1)).reason()).isEqualTo(Reason.PARAMETERS);
        assertThat(refusal(kind, withByte(good, 48, 0)).reason()).isEqualTo(Reason.FORM);
        for (long extreme : new long[] {0, 1, 4, 1L << 32, 1L << 61, -1}) {
            assertThat(refusal(kind, with(good, 49, extreme)).reason()).isEqualTo(Reason.SIZE);
            assertThat(refusal(kind, with(good, 57, extreme)).reason()).isEqualTo(Reason.SIZE);
            assertThat(refusal(kind, with(good, 65, extreme)).reason()).isEqualTo(Reason.SIZE);
            assertThat(refusal(kind, with(good, 105, extreme)).reason()).isEqualTo(Reason.SIZE);
        }
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.MIN_VALUE}) {
            assertThat(refusal(kind, with(good, 73, Double.doubleToRawLongBits(scale)))
                            .reason())
                    .isEqualTo(Reason.SCALE);
        }
        assertThat(refusal(kind, with(good, 81, 2)).reason()).isEqualTo(Reason.FORM);
        assertThat(refusal(kind, with(good, 113, CHAIN.prime(0))).reason()).isEqualTo(Reason.RESIDUE);
        assertThat(refusal(kind, with(good, good.length - 8, -1)))
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.RESIDUE))
                .hasMessageContaining("polynomial 1, prime 1, coefficient 1023")
                .hasMessageContaining("allowed: 0 to " + (CHAIN.prime(1) - 1));
    }

    @Test
    void refusesLevelsScalesAndSizesThatTheRulesDoNotAllow() {
        byte[] good = kind("ciphertext").good();
        assertThat(refusal(strict(new CiphertextRules(2, 1, 1)), good).reason()).isEqualTo(Reason.SIZE);
        assertThat(refusal(
                        strict(new CiphertextRules(2, 2, 2)),
                        kind("seeded ciphertext").good()))
                .hasMessageContaining("level of 1 primes")
                .hasMessageContaining("allowed: 2 to 2 primes");
        assertThat(refusal(strict(new CiphertextRules(2, 2, 2, 0x1p21)), good))
                .hasMessageContaining("scale 1048576.0")
                .hasMessageContaining("allowed: [2097152.0]");
        byte[] three =
                Samples.bytes(out -> SealWriter.write(SAMPLES.ciphertext(CHAIN, 3, 2, false), out, Compression.NONE));
        assertThat(refusal(strict(new CiphertextRules(2, 2, 2, 0x1p20)), three).reason())
                .isEqualTo(Reason.SIZE);
    }

    private static Kind strict(CiphertextRules rules) {
        return new Kind("strict", new CiphertextReader(CHAIN, rules)::read, new byte[0]);
    }

    @Test
    void refusesTransparentCiphertextsAndKeys() {
        for (String name : List.of("ciphertext", "public key")) {
            Kind kind = kind(name);
            byte[] transparent = kind.good().clone();
            int words = transparent.length - CiphertextBody.OVERHEAD_BYTES;
            Arrays.fill(transparent, transparent.length - words / 2, transparent.length, (byte) 0);
            assertThat(refusal(kind, transparent).reason()).isEqualTo(Reason.TRANSPARENT);
        }
    }

    @Test
    void refusesDimensionBombsInKeys() {
        Kind galois = kind("Galois keys");
        for (long extreme : new long[] {0, 2, 1023, 1025, 1L << 20, 1L << 62, -1}) {
            assertThat(refusal(galois, with(galois.good(), 48, extreme)).reason())
                    .isEqualTo(Reason.SIZE);
        }
        for (long extreme : new long[] {1, 3, 1L << 31, 1L << 62, -1}) {
            assertThat(refusal(galois, with(galois.good(), 56, extreme)).reason())
                    .isEqualTo(Reason.SIZE);
        }
        byte[] three =
                Samples.bytes(out -> SealWriter.write(SAMPLES.galois(CHAIN, true, 3, 5, 7), out, Compression.NONE));
        assertThat(refusal(galois, three)).hasMessageContaining("more than 2 keys");
        byte[] none = Samples.bytes(out -> SealWriter.write(SAMPLES.galois(CHAIN, true), out, Compression.NONE));
        assertThat(refusal(galois, none)).hasMessageContaining("0 keys");
    }

    @Test
    void refusesParametersOutOfRange() {
        Kind kind = kind("parameters");
        assertThat(refusal(kind, withByte(kind.good(), 16, 1))).hasMessageContaining("scheme 1");
        for (long degree : new long[] {0, 512, 1025, 1 << 18, -1}) {
            assertThat(refusal(kind, with(kind.good(), 17, degree)).reason()).isEqualTo(Reason.PARAMETERS);
        }
        for (long count : new long[] {0, 257, -1}) {
            assertThat(refusal(kind, with(kind.good(), 25, count)).reason()).isEqualTo(Reason.PARAMETERS);
        }
        for (long prime : new long[] {0, 1, 1032193, 1038339, -1, (1L << 60) + 1}) {
            assertThat(refusal(kind, with(kind.good(), 49, prime)).reason()).isEqualTo(Reason.PARAMETERS);
        }
    }

    /** A payload that inflates without end is read no further than the object that the parameters allow. */
    @Test
    void readsNoFurtherIntoAZipBombThanTheObject() {
        byte[] good = kind("ciphertext").good();
        byte[] bomb = new byte[1 << 26];
        System.arraycopy(good, 16, bomb, 0, good.length - 16);
        Deflater deflater = new Deflater();
        deflater.setInput(bomb);
        deflater.finish();
        byte[] container = new byte[1 << 20];
        int length = 16 + deflater.deflate(container, 16, container.length - 16);
        deflater.end();
        ByteBuffer.wrap(container)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 0xa15e)
                .put(new byte[] {16, 4, 1, 1, 0, 0})
                .putLong(length);
        CiphertextReader reader = new CiphertextReader(CHAIN, CiphertextRules.wellFormed(CHAIN));
        Kind kind = new Kind("bomb", reader::read, container);

        assertThat(refusal(kind, Arrays.copyOf(container, length)).reason()).isEqualTo(Reason.SIZE);
        byte[] shorter = with(Arrays.copyOf(container, 40_000), 8, 40_000);
        assertThat(refusal(kind, shorter).reason()).isEqualTo(Reason.TRAILING);
        assertThat(allocated(() -> refusal(kind, shorter))).isLessThan(1 << 20);
    }

    /** What is allocated before an object is refused does not depend on what it claims. */
    @Test
    void allocatesNothingForClaims() {
        for (Kind kind : kinds()) {
            for (int at = 8; at + 8 <= Math.min(kind.good().length, 200); at++) {
                byte[] claiming = with(kind.good(), at, 0x7fff_ffff_ffff_ffffL);
                long bytes = allocated(() -> {
                    try {
                        kind.reading().from(new ByteArrayInputStream(claiming));
                    } catch (ContainerException refusal) {
                        assertThat(refusal.allowed()).isNotEmpty();
                    }
                });
                assertThat(bytes).as("%s, claim at %d", kind, at).isLessThan(4 * kind.good().length + (1 << 20));
            }
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static long allocated(Action action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            action.run();
        } catch (IOException fault) {
            throw new AssertionError(fault);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** Whatever is done to a container, it is refused as such or read as an object that is written back the same. */
    @Test
    void mutationsAreRefusedOrReadAsWritten() throws IOException {
        int mutations = Integer.getInteger("latticegate.fuzz", 10_000);
        long seed = Long.getLong("latticegate.fuzz.seed", 20_240_501L);
        SplittableRandom random = new SplittableRandom(seed);
        List<Kind> kinds = kinds();
        int refused = 0;
        for (int round = 0; round < mutations; round++) {
            Kind kind = kinds.get(random.nextInt(kinds.size()));
            byte[] mutant =
                    mutate(kind.good(), kinds.get(random.nextInt(kinds.size())).good(), random);
            try {
                Object read = kind.reading().from(new ByteArrayInputStream(mutant));
                assertSame(kind, read);
            } catch (ContainerException refusal) {
                refused++;
            } catch (RuntimeException | Error fault) {
                throw new AssertionError("round " + round + " of seed " + seed + ", " + kind, fault);
            }
        }
        assertThat(refused).as("refusals of %d", mutations).isGreaterThan(mutations / 3);
    }

    private static void assertSame(Kind kind, Object read) throws IOException {
        byte[] written = Samples.bytes(out -> {
            switch (read) {
                case ParameterChain chain -> SealWriter.write(chain, out, Compression.NONE);
                case SealCiphertext ciphertext -> SealWriter.write(ciphertext, out, Compression.NONE);
                case SealPlaintext plaintext -> SealWriter.write(plaintext, out, Compression.NONE);
                case KeySwitchKeys keys -> SealWriter.write(keys, out, Compression.NONE);
                default -> throw new AssertionError(read);
            }
        });
        Object again = kind.reading().from(new ByteArrayInputStream(written));
        assertThat(again instanceof ParameterChain chain ? chain.keyId() : again)
                .isEqualTo(read instanceof ParameterChain chain ? chain.keyId() : read);
    }

    private static byte[] mutate(byte[] good, byte[] other, SplittableRandom random) {
        byte[] mutant = good.clone();
        switch (random.nextInt(6)) {
            case 0 -> mutant[random.nextInt(mutant.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> {
                for (int i = random.nextInt(1, 9); i > 0; i--) {
                    mutant[random.nextInt(Math.min(mutant.length, 300))] = (byte) random.nextInt();
                }
            }
            case 2 -> {
                int at = random.nextInt(Math.min(mutant.length, 400) - 8);
                long[] extremes = {0, 1, -1, Long.MAX_VALUE, 1L << random.nextInt(64), random.nextLong(1L << 21)};
                mutant = with(mutant, at, extremes[random.nextInt(extremes.length)]);
            }
            case 3 -> mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
            case 4 -> {
                int from = random.nextInt(Math.min(mutant.length, other.length));
                int length = random.nextInt(Math.min(mutant.length, other.length) - from);
                System.arraycopy(other, from, mutant, from, length);
            }
            default -> {
                int at = random.nextInt(mutant.length);
                int length = random.nextInt(Math.min(64, mutant.length - at + 1));
                for (int i = at; i < at + length && i < mutant.length; i++) {
                    mutant[i] = (byte) random.nextInt();
                }
            }
        }
        return random.nextBoolean() && mutant.length > LIMIT_BYTES ? with(mutant, 8, mutant.length) : mutant;
    }

    @Test
    void secretKeysReadInClientsOnlyAndWithEveryCheck() throws IOException {
        long[] residues = new long[CHAIN.keyPrimes() * CHAIN.degree()];
        Arrays.fill(residues, 7);
        byte[] good = Samples.bytes(out -> SecretKeyContainer.write(CHAIN, residues, out));
        assertThat(SecretKeyContainer.read(CHAIN, new ByteArrayInputStream(good)))
                .isEqualTo(residues);

        Kind kind = new Kind("secret key", in -> SecretKeyContainer.read(CHAIN, in), good);
        assertThat(refusal(kind, with(good, good.length - 8, CHAIN.prime(2))).reason())
                .isEqualTo(Reason.RESIDUE);
        assertThat(refusal(kind, with(good, 16, 0)).reason()).isEqualTo(Reason.PARAMETERS);
        assertThat(refusal(kind, with(good, 48, 1L << 50)).reason()).isEqualTo(Reason.SIZE);
        assertThat(refusal(kind, Arrays.copyOf(good, good.length - 1)).reason()).isEqualTo(Reason.TRUNCATED);
        assertThatThrownBy(() -> SecretKeyContainer.write(CHAIN, new long[1], Untouched.NONE))
                .hasMessageContaining("1 residues");
    }

    private static final class Untouched extends OutputStream {
        static final Untouched NONE = new Untouched();

        @Override
        public void write(int value) {
            throw new AssertionError("nothing is written");
        }
    }
}
