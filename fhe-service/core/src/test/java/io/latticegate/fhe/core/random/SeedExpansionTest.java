package io.latticegate.fhe.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SeedExpansionTest {
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    private static PublicSeed seed(Xof xof, long number) {
        byte[] bytes = new byte[SeedStream.SEED_BYTES];
        new Random(number).nextBytes(bytes);
        return new PublicSeed(xof, bytes);
    }

    /** The stream written out block by block from its definition. */
    private static byte[] blocks(PublicSeed seed, int count) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        byte[] block = new byte[SeedStream.BLOCK_BYTES];
        for (int i = 0; i < count; i++) {
            byte[] counter = littleEndian(i);
            if (seed.xof() == Xof.BLAKE2XB) {
                new Blake2Xb().expand(seed.bytes(), counter, block, 0, block.length);
            } else {
                byte[] message =
                        ByteBuffer.allocate(72).put(seed.bytes()).put(counter).array();
                new Shake256().expand(message, block, 0, block.length);
            }
            stream.writeBytes(block);
        }
        return stream.toByteArray();
    }

    private static byte[] littleEndian(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    @ParameterizedTest
    @EnumSource
    void streamsTheBlocksInOrderAndFromAnyPosition(Xof xof) {
        PublicSeed seed = seed(xof, 1);
        byte[] expected = blocks(seed, 4);
        SeedStream stream = seed.stream();
        byte[] out = new byte[expected.length];
        int from = 0;
        for (int piece = 1; from < out.length; from += piece, piece = Math.min(piece * 3, out.length - from)) {
            stream.nextBytes(out, from, piece);
        }
        assertThat(out).isEqualTo(expected);

        ByteBuffer words = ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN);
        for (int position : new int[] {8192, 0, 4088, 4089, 4095, 12280}) {
            stream.seek(position);
            assertThat(stream.nextLong()).as("word at %d", position).isEqualTo(words.getLong(position));
        }
    }

    @ParameterizedTest
    @EnumSource
    void samplesAsTheDefinitionSays(Xof xof) {
        // A modulus just above 2^64 / 9 rejects one word in nine; 3 leaves the smallest remainder; two are ordinary.
        long[] primes = {2049638230412172500L, 3, 1152921504606830593L, 1125899906826241L};
        int degree = 1024;
        PublicSeed seed = seed(xof, 2);
        long[] expected = definition(seed, degree, primes);

        long[] whole = new long[degree * primes.length];
        UniformResidues.expand(seed, degree, primes, whole, 0);
        assertThat(whole).isEqualTo(expected);

        long[] pieces = new long[whole.length];
        try (UniformResidues residues = new UniformResidues(seed, degree, primes)) {
            for (int from = 0; from < pieces.length; from += 100) {
                residues.next(pieces, from, Math.min(100, pieces.length - from));
            }
            assertThatThrownBy(() -> residues.next(pieces, 0, 1)).hasMessageContaining("left: 0");
        }
        assertThat(pieces).isEqualTo(expected);
    }

    private static long[] definition(PublicSeed seed, int degree, long[] primes) {
        int words = degree * primes.length;
        ByteBuffer stream = ByteBuffer.wrap(blocks(seed, 4 * words * 8 / SeedStream.BLOCK_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        long[] residues = new long[words];
        int behind = words * 8;
        for (int i = 0; i < words; i++) {
            BigInteger q = BigInteger.valueOf(primes[i / degree]);
            BigInteger max = TWO_64.subtract(BigInteger.ONE);
            BigInteger limit = max.subtract(max.mod(q)).subtract(BigInteger.ONE);
            BigInteger word = unsigned(stream.getLong(i * 8));
            while (word.compareTo(limit) >= 0) {
                word = unsigned(stream.getLong(behind));
                behind += 8;
            }
            residues[i] = word.mod(q).longValueExact();
        }
        assertThat(behind).as("words drawn behind the polynomial").isGreaterThan(words * 8);
        return residues;
    }

    private static BigInteger unsigned(long word) {
        return new BigInteger(Long.toUnsignedString(word));
    }

    /** Primes, seed and the digest of the expanded polynomial as node-seal 6.0.3 wrote them. */
    @Test
    void expandsASeedOfSealToSealsPolynomial() throws NoSuchAlgorithmException {
        long[] primes = {1152921504606748673L, 1125899906826241L};
        int degree = 4096;
        PublicSeed seed = new PublicSeed(
                Xof.BLAKE2XB,
                HexFormat.of()
                        .parseHex("aa66c201005725369a4a5a0a2b9460a3ee331d9d699a65cacf9e38de5dce4366"
                                + "afeaaa9bc473c8730b0ab4b38ed7512347710773c8eb94ea5bbaff5c5cdb82e0"));
        long[] residues = new long[degree * primes.length];
        UniformResidues.expand(seed, degree, primes, residues, 0);

        ByteBuffer bytes = ByteBuffer.allocate(residues.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(residues);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array())))
                .isEqualTo("e8ab4b13856e31b15891b091515d9a29ec8c3dbb1db88588d55843ab1a56d5b9");
    }

    /** N = 8192 and {@code CoeffModulus.Create} of 60, 40, 40, 60 bits in node-seal 6.0.3. */
    @Test
    void namesParameterSetsAsSealDoes() {
        long[] primes = {1152921504606748673L, 1099510890497L, 1099511480321L, 1152921504606830593L};

        assertThat(ParmsId.ckks(8192, primes))
                .isEqualTo(new ParmsId(
                        0xcfda86153fdda8e2L, 0xbab3261f59a402acL, 0xae8fe2601f0b6e53L, 0xddc508ab0e037ff5L));
        assertThat(ParmsId.ckks(8192, Arrays.copyOf(primes, 3)))
                .isEqualTo(new ParmsId(
                        0x12a009457dbf8b0fL, 0x6364d5f3d4c92b3cL, 0x96a841ccd88e440cL, 0x1255677018089458L));
        assertThat(ParmsId.ckks(8192, primes[0]))
                .isEqualTo(
                        new ParmsId(0x2af33fda5cee1476L, 0xe1a78ed1ec9d76b3L, 0xed2adee911ba7c4dL, 0x94f949f4f9055b1aL))
                .hasToString("7614ee5cda3ff32ab3769decd18ea7e14d7cba11e9de2aed1a5b05f9f449f994");
    }

    @Test
    void aClosedStreamRefusesToGoOn() {
        SeedStream stream = seed(Xof.BLAKE2XB, 3).stream();
        long first = stream.nextLong();
        stream.close();

        assertThat(first).isNotZero();
        assertThatThrownBy(stream::nextLong).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesSeedsAndModuliOutOfRange() {
        assertThatThrownBy(() -> new PublicSeed(Xof.BLAKE2XB, new byte[63])).hasMessageContaining("allowed: 64");
        assertThatThrownBy(() -> new SeedStream(Xof.BLAKE2XB, new byte[65])).hasMessageContaining("allowed: 64");
        PublicSeed seed = seed(Xof.BLAKE2XB, 4);
        assertThatThrownBy(() -> new UniformResidues(seed, 8, new long[] {1L << 61}))
                .hasMessageContaining("modulus");
        assertThatThrownBy(() -> new UniformResidues(seed, 8, new long[] {1})).hasMessageContaining("modulus");
        assertThatThrownBy(() -> new UniformResidues(seed, 0, new long[] {17})).hasMessageContaining("degree");
    }
}
