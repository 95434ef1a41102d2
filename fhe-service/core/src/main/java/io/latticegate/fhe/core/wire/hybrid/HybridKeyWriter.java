package io.latticegate.fhe.core.wire.hybrid;

import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/** Writes containers of switching keys, digit by digit; see the package. */
public final class HybridKeyWriter {
    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final HybridFormat format;

    public HybridKeyWriter(CkksParameters parameters, RnsBackend backend) {
        this.parameters = parameters;
        this.backend = backend;
        this.format = HybridFormat.of(parameters);
    }

    /** The bytes of a container of this many keys. */
    public long bytes(int keys) {
        return format.bytes(keys);
    }

    /**
     * Writes keys.
     *
     * @param byElement keys by their Galois elements; for relinearisation one, under 0
     * @param out gets the whole container; not closed
     * @throws IllegalArgumentException for no key, an element that the kind has not, or a key of other parameters
     */
    public void write(HybridKeyKind kind, Map<Integer, SeededSwitchingKey> byElement, OutputStream out)
            throws IOException {
        requireKeys(kind, byElement);
        byte[] bytes = new byte[HybridFormat.HEADER_BYTES];
        ByteBuffer header = littleEndian(bytes);
        header.put(HybridFormat.MAGIC).put((byte) HybridFormat.VERSION).put((byte) kind.number());
        header.putShort((short) 0).put(format.fingerprint());
        header.putInt(byElement.size()).putInt(format.digits());
        out.write(bytes);
        for (var entry : new TreeMap<>(byElement).entrySet()) {
            byte[] element = new byte[Integer.BYTES];
            littleEndian(element).putInt(entry.getKey());
            out.write(element);
            for (SeededSwitchingKey.Digit digit : entry.getValue().digits()) {
                seed(digit.seed(), out);
                body(digit, out);
            }
        }
    }

    private void requireKeys(HybridKeyKind kind, Map<Integer, SeededSwitchingKey> byElement) {
        if (byElement.isEmpty()) {
            throw new IllegalArgumentException("no keys; allowed: 1 or more");
        }
        byElement.forEach((element, key) -> {
            if (!kind.allows(element, parameters.degree())) {
                throw new IllegalArgumentException("a key of element " + element + " among those for " + kind);
            }
            if (key.parameters() != parameters || key.digits().size() != format.digits()) {
                throw new IllegalArgumentException(
                        "the key of element " + element + " is of " + key.parameters() + " with "
                                + key.digits().size() + " digits; allowed: " + parameters + " with " + format.digits());
            }
        });
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void seed(PublicSeed seed, OutputStream out) throws IOException {
        out.write(seed.xof().number());
        out.write(seed.bytes());
    }

    private void body(SeededSwitchingKey.Digit digit, OutputStream out) throws IOException {
        long[] residues = new long[digit.body().base().words()];
        backend.download(digit.body(), residues, 0);
        byte[] bytes = new byte[HybridFormat.chunkWords(Long.SIZE) * Long.BYTES];
        ByteBuffer packed = littleEndian(bytes);
        for (int prime = 0; prime < format.primeBits().size(); prime++) {
            int bits = format.primeBits().get(prime);
            for (int at = 0; at < format.degree(); at += HybridFormat.CHUNK) {
                pack(residues, prime * format.degree() + at, bits, packed.clear());
                out.write(bytes, 0, packed.position());
            }
        }
    }

    private static void pack(long[] residues, int from, int bits, ByteBuffer to) {
        long word = 0;
        int filled = 0;
        for (int i = from; i < from + HybridFormat.CHUNK; i++) {
            word |= residues[i] << filled;
            filled += bits;
            if (filled >= Long.SIZE) {
                to.putLong(word);
                filled -= Long.SIZE;
                word = filled == 0 ? 0 : residues[i] >>> bits - filled;
            }
        }
    }
}
