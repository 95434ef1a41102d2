package io.latticegate.fhe.core.wire.hybrid;

import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.Xof;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.wire.ContainerException;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import io.latticegate.fhe.core.wire.ResidueSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads containers of switching keys under the parameters in force; see the package. Every size is derived from them, and
 * compared before anything is allocated; buffers hold {@value HybridFormat#CHUNK} residues.
 */
public final class HybridKeyReader {
    private final CkksParameters parameters;
    private final HybridFormat format;
    private final HybridKeyKind kind;
    private final int keysMax;

    /** @param keysMax the most keys that are accepted, 1 to N; at most 1 for relinearisation */
    public HybridKeyReader(CkksParameters parameters, HybridKeyKind kind, int keysMax) {
        int greatest = kind == HybridKeyKind.GALOIS ? parameters.degree() : 1;
        if (keysMax < 1 || keysMax > greatest) {
            throw new IllegalArgumentException(keysMax + " keys; allowed: 1 to " + greatest);
        }
        this.parameters = parameters;
        this.format = HybridFormat.of(parameters);
        this.kind = kind;
        this.keysMax = keysMax;
    }

    /** The greatest container that this reader accepts, in bytes. */
    public long bytesMax() {
        return format.bytes(keysMax);
    }

    /**
     * Reads keys into a backend's memory.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws ContainerException when the container is refused
     */
    public Map<Integer, SeededSwitchingKey> read(InputStream in, RnsBackend backend) throws IOException {
        RnsBase all = parameters.ring().extended(parameters.topLevel());
        Map<Integer, List<long[]>> bodies = new TreeMap<>();
        Map<Integer, List<PublicSeed>> seeds = new TreeMap<>();
        read(in, (element, _, seed) -> {
            long[] residues = new long[all.words()];
            bodies.computeIfAbsent(element, _ -> new ArrayList<>()).add(residues);
            seeds.computeIfAbsent(element, _ -> new ArrayList<>()).add(seed);
            return ResidueSink.into(residues, 0);
        });
        Map<Integer, SeededSwitchingKey> keys = new TreeMap<>();
        bodies.forEach((element, residues) -> {
            List<SeededSwitchingKey.Digit> digits = new ArrayList<>();
            for (int digit = 0; digit < residues.size(); digit++) {
                PublicSeed seed = seeds.getOrDefault(element, List.of()).get(digit);
                digits.add(new SeededSwitchingKey.Digit(backend.upload(all, residues.get(digit), 0), seed));
            }
            keys.put(element, new SeededSwitchingKey(parameters, digits));
        });
        return keys;
    }

    /**
     * Reads keys digit by digit. A refusal can come after residues were given to the sink.
     *
     * @param in holds one container and nothing behind it; not closed
     * @return the number of keys
     * @throws ContainerException when the container is refused
     */
    public int read(InputStream in, HybridKeySink sink) throws IOException {
        int keys = header(in);
        int last = -1;
        for (int key = 0; key < keys; key++) {
            String where = "key " + key;
            int element = bytes(in, Integer.BYTES, where).getInt();
            if (!kind.allows(element, format.degree()) || element <= last) {
                throw refused(
                        Reason.SIZE,
                        "element " + Integer.toUnsignedString(element),
                        where,
                        kind == HybridKeyKind.RELINEARISATION ? "0" : "ascending odd numbers from 3 to below 2N");
            }
            last = element;
            for (int digit = 0; digit < format.digits(); digit++) {
                String place = where + ", digit " + digit;
                PublicSeed seed = seed(in, place);
                body(in, place, sink.digit(element, digit, seed));
            }
        }
        if (in.read() >= 0) {
            throw refused(Reason.TRAILING, "a byte", "the end", "nothing behind the last key");
        }
        return keys;
    }

    private int header(InputStream in) throws IOException {
        ByteBuffer header = bytes(in, HybridFormat.HEADER_BYTES, "the header");
        byte[] magic = new byte[HybridFormat.MAGIC.length];
        header.get(magic);
        if (!Arrays.equals(magic, HybridFormat.MAGIC)) {
            throw refused(Reason.HEADER, HexFormat.of().formatHex(magic), "the header", "the letters FHX1");
        }
        expect(Reason.VERSION, "version", header.get(), HybridFormat.VERSION);
        expect(Reason.FORM, "kind", header.get(), kind.number());
        expect(Reason.HEADER, "reserved bytes", header.getShort(), 0);
        byte[] fingerprint = new byte[HybridFormat.FINGERPRINT_BYTES];
        header.get(fingerprint);
        if (!Arrays.equals(fingerprint, format.fingerprint())) {
            throw refused(
                    Reason.PARAMETERS,
                    "parameters " + HexFormat.of().formatHex(fingerprint),
                    "the header",
                    HexFormat.of().formatHex(format.fingerprint()) + ", those of " + parameters);
        }
        int keys = header.getInt();
        if (keys < 1 || keys > keysMax) {
            throw refused(Reason.SIZE, Integer.toUnsignedString(keys) + " keys", "the header", "1 to " + keysMax);
        }
        expect(Reason.SIZE, "digits of each key", header.getInt(), format.digits());
        return keys;
    }

    private static void expect(Reason reason, String what, int found, int expected) throws ContainerException {
        if (found != expected) {
            throw refused(reason, what + " " + found, "the header", Integer.toString(expected));
        }
    }

    private static PublicSeed seed(InputStream in, String where) throws IOException {
        ByteBuffer stored = bytes(in, HybridFormat.SEED_BYTES, where);
        int number = stored.get();
        byte[] seed = new byte[SeedStream.SEED_BYTES];
        stored.get(seed);
        for (Xof xof : Xof.values()) {
            if (xof.number() == number) {
                return new PublicSeed(xof, seed);
            }
        }
        throw refused(Reason.FORM, "function " + number + " of a seed", where, "1 or 2");
    }

    private void body(InputStream in, String where, ResidueSink sink) throws IOException {
        long[] residues = new long[HybridFormat.CHUNK];
        ByteBuffer packed = ByteBuffer.allocate(HybridFormat.chunkWords(Long.SIZE) * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int prime = 0; prime < format.primeBits().size(); prime++) {
            int bits = format.primeBits().get(prime);
            long modulus = parameters.primes().get(prime).value();
            String place = where + ", prime " + prime;
            for (int at = 0; at < format.degree(); at += HybridFormat.CHUNK) {
                fill(in, packed.array(), HybridFormat.chunkWords(bits) * Long.BYTES, place);
                unpack(packed, bits, residues);
                for (int i = 0; i < residues.length; i++) {
                    if (residues[i] >= modulus) {
                        throw refused(
                                Reason.RESIDUE,
                                "residue " + residues[i] + " of index " + (at + i),
                                place,
                                "below " + modulus);
                    }
                }
                sink.accept(residues, residues.length);
            }
        }
    }

    private static void unpack(ByteBuffer packed, int bits, long[] residues) {
        long mask = (1L << bits) - 1;
        for (int i = 0; i < residues.length; i++) {
            int position = i * bits;
            int at = position / Long.SIZE * Long.BYTES;
            int shift = position % Long.SIZE;
            long value = packed.getLong(at) >>> shift;
            if (shift + bits > Long.SIZE) {
                value |= packed.getLong(at + Long.BYTES) << Long.SIZE - shift;
            }
            residues[i] = value & mask;
        }
    }

    private static ByteBuffer bytes(InputStream in, int count, String where) throws IOException {
        byte[] bytes = new byte[count];
        fill(in, bytes, count, where);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void fill(InputStream in, byte[] to, int count, String where) throws IOException {
        int read = in.readNBytes(to, 0, count);
        if (read < count) {
            throw refused(Reason.TRUNCATED, "the end of the container", where, (count - read) + " bytes more");
        }
    }

    private static ContainerException refused(Reason reason, String what, String where, String allowed) {
        return new ContainerException(reason, what, where, allowed);
    }
}
