package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;

/**
 * The container of relinearisation or Galois keys, made while it is read: one key is in memory at a time. The bytes are those
 * that {@link SealWriter} writes uncompressed for the same keys, all of them seeded. Its length is known before the first key
 * is made.
 */
public final class KeySetStream extends InputStream {
    private static final int HEAD = -1;

    private final ParameterChain chain;
    private final int indices;
    private final NavigableSet<Integer> present;
    private final IntFunction<List<SealCiphertext>> keys;
    private final long bytes;
    private int next = HEAD;
    private byte[] piece = {};
    private int at;

    private KeySetStream(
            ParameterChain chain, int indices, NavigableSet<Integer> present, IntFunction<List<SealCiphertext>> keys) {
        this.chain = chain;
        this.indices = indices;
        this.present = present;
        this.keys = keys;
        this.bytes = headBytes()
                + (long) indices * Long.BYTES
                + (long) present.size() * chain.dataPrimes() * digitBytes(chain);
    }

    /** The container of a relinearisation key, given its digits. */
    public static KeySetStream relinearisation(ParameterChain chain, List<SealCiphertext> digits) {
        return new KeySetStream(chain, 1, new TreeSet<>(Set.of(0)), _ -> digits);
    }

    /**
     * The container of Galois keys.
     *
     * @param elements odd and below 2N
     * @param keys the digits of the key of an element; asked once for each, in ascending order
     */
    public static KeySetStream galois(
            ParameterChain chain, Set<Integer> elements, IntFunction<List<SealCiphertext>> keys) {
        NavigableSet<Integer> present = new TreeSet<>();
        for (int element : elements) {
            if (element < 1 || (element & 1) == 0 || element >= 2 * chain.degree()) {
                throw new IllegalArgumentException(
                        "Galois element " + element + "; allowed: odd, below " + 2 * chain.degree());
            }
            present.add(KeySwitchKeys.galoisIndex(element));
        }
        return new KeySetStream(chain, chain.degree(), present, index -> keys.apply(2 * index + 1));
    }

    /** The length of the whole container. */
    public long bytes() {
        return bytes;
    }

    private static long headBytes() {
        return SealHeader.BYTES + ParmsId.BYTES + Long.BYTES;
    }

    private static long digitBytes(ParameterChain chain) {
        return CiphertextBody.objectBytes(
                new CiphertextShape(chain.keyId(), 2, chain.degree(), chain.keyPrimes(), 1.0, true));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == piece.length) {
            if (next == indices) {
                return -1;
            }
            piece = makePiece();
            at = 0;
        }
        int count = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, into, offset, count);
        at += count;
        return count;
    }

    /** What is left of the piece at hand: more takes making a key. */
    @Override
    public int available() {
        return piece.length - at;
    }

    private byte[] makePiece() throws IOException {
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        ContainerOutput out = new ContainerOutput(made);
        if (next == HEAD) {
            out.header(Compression.NONE, bytes);
            out.parmsId(chain.keyId());
            out.u64(indices);
            next = 0;
        } else if (present.contains(next)) {
            writeKey(out, keys.apply(next));
            next++;
        } else {
            Integer following = present.ceiling(next);
            int until = following == null ? indices : following;
            for (; next < until; next++) {
                out.u64(0);
            }
        }
        out.flush();
        return made.toByteArray();
    }

    private void writeKey(ContainerOutput out, List<SealCiphertext> digits) throws IOException {
        if (digits.size() != chain.dataPrimes()) {
            throw new IllegalArgumentException(
                    digits.size() + " digits; a key of these parameters has " + chain.dataPrimes());
        }
        out.u64(digits.size());
        for (SealCiphertext digit : digits) {
            if (!digit.shape().seeded() || !digit.shape().parmsId().equals(chain.keyId())) {
                throw new IllegalArgumentException(digit + "; allowed: seeded digits at the key level");
            }
            out.header(Compression.NONE, CiphertextBody.objectBytes(digit.shape()));
            SealWriter.body(out, digit);
        }
    }
}
