package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.UniformResidues;
import io.latticegate.fhe.core.random.Xof;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The members of a ciphertext behind its header (native/src/seal/ciphertext.cpp, {@code save_members}): parms_id, NTT flag,
 * size, N, number of primes, scale, correction factor, the residues as an array object, and a seed as an object of its own
 * when the array holds the first of two polynomials only. Public keys and the digits of key-switching keys have this form at
 * the key level.
 */
final class CiphertextBody {
    /** Header, parms_id, NTT flag, size, N, primes, scale, correction factor, and the array's header and count. */
    static final int OVERHEAD_BYTES = SealHeader.BYTES + ParmsId.BYTES + 1 + 5 * Long.BYTES + SealHeader.BYTES + 8;

    /** A seed object: header, function, seed. */
    static final int SEED_OBJECT_BYTES = SealHeader.BYTES + 1 + SeedStream.SEED_BYTES;

    private static final int CHUNK_WORDS = 4096;

    private final ParameterChain chain;
    private final ContainerInput in;
    private final long[] chunk = new long[CHUNK_WORDS];

    CiphertextBody(ParameterChain chain, ContainerInput in) {
        this.chain = chain;
        this.in = in;
    }

    /** The size of the object that a shape makes, header included. */
    static long objectBytes(CiphertextShape shape) {
        return objectBytes(shape.storedWords(), shape.seeded());
    }

    /** The greatest object of this many polynomials at a level of this many primes. */
    static long objectBytesMax(int size, int primes, int degree) {
        return objectBytes((long) size * primes * degree, false);
    }

    private static long objectBytes(long storedWords, boolean seeded) {
        return OVERHEAD_BYTES + storedWords * Long.BYTES + (seeded ? SEED_OBJECT_BYTES : 0);
    }

    /** Reads all members up to the residues of a ciphertext under the given rules. */
    CiphertextShape ciphertextShape(CiphertextRules rules) throws IOException {
        ParmsId id = in.parmsId();
        int primes = chain.dataPrimes(id);
        if (primes == 0) {
            throw in.refuse(Reason.PARAMETERS, "parms_id " + id, "the name of a data level of the parameters in force");
        }
        if (primes < rules.primesMin() || primes > rules.primesMax()) {
            throw in.refuse(
                    Reason.PARAMETERS,
                    "level of " + primes + " primes",
                    rules.primesMin() + " to " + rules.primesMax() + " primes");
        }
        int size = sizeUpTo(rules.sizeMax());
        expect("ring degree", in.u64(), chain.degree());
        expect("number of primes", in.u64(), primes);
        double scale = in.f64();
        if (!rules.allowScale(scale)) {
            throw in.refuse(Reason.SCALE, "scale " + scale, rules.scalesInWords());
        }
        return array(id, size, primes, scale);
    }

    /** Reads all members up to the residues of a public key or a digit of a key-switching key. */
    CiphertextShape keyShape() throws IOException {
        ParmsId id = in.parmsId();
        if (!id.equals(chain.keyId())) {
            throw in.refuse(Reason.PARAMETERS, "parms_id " + id, chain.keyId() + ", the key level");
        }
        int size = sizeUpTo(2);
        expect("ring degree", in.u64(), chain.degree());
        expect("number of primes", in.u64(), chain.keyPrimes());
        double scale = in.f64();
        if (scale != 1.0) {
            throw in.refuse(Reason.SCALE, "scale " + scale, "1.0 in a key");
        }
        return array(id, size, chain.keyPrimes(), scale);
    }

    private int sizeUpTo(int sizeMax) throws IOException {
        int form = in.u8();
        if (form != 1) {
            throw in.refuse(Reason.FORM, "NTT flag " + form, "1");
        }
        long size = in.u64();
        if (size < 2 || size > sizeMax) {
            throw in.refuse(
                    Reason.SIZE, Long.toUnsignedString(size) + " polynomials", sizeMax == 2 ? "2" : "2 to " + sizeMax);
        }
        return (int) size;
    }

    private void expect(String what, long value, long expected) throws ContainerException {
        if (value != expected) {
            throw in.refuse(Reason.SIZE, what + " " + Long.toUnsignedString(value), Long.toString(expected));
        }
    }

    private CiphertextShape array(ParmsId id, int size, int primes, double scale) throws IOException {
        long correction = in.u64();
        if (correction != 1) {
            throw in.refuse(Reason.FORM, "correction factor " + Long.toUnsignedString(correction), "1 in CKKS");
        }
        CiphertextShape full = new CiphertextShape(id, size, chain.degree(), primes, scale, false);
        CiphertextShape seeded = new CiphertextShape(id, size, chain.degree(), primes, scale, true);
        long arrayBytes = in.nestedHeader();
        long count = in.u64();
        boolean isSeeded = size == 2 && count == seeded.storedWords();
        CiphertextShape shape = isSeeded ? seeded : full;
        if (count != shape.storedWords()) {
            throw in.refuse(
                    Reason.SIZE,
                    Long.toUnsignedString(count) + " residues",
                    full.words() + (size == 2 ? ", or " + seeded.storedWords() + " and a seed" : ""));
        }
        if (arrayBytes != SealHeader.BYTES + Long.BYTES + count * Long.BYTES) {
            throw in.refuse(
                    Reason.SIZE,
                    "array object of " + Long.toUnsignedString(arrayBytes) + " bytes",
                    SealHeader.BYTES + Long.BYTES + count * Long.BYTES + " bytes for " + count + " residues");
        }
        return shape;
    }

    /** Reads the residues that the container holds, and the seed if there is one. */
    @Nullable
    PublicSeed residues(CiphertextShape shape, ResidueSink sink) throws IOException {
        long beyondFirst = 0;
        int polynomials = shape.seeded() ? 1 : shape.size();
        for (int polynomial = 0; polynomial < polynomials; polynomial++) {
            for (int limb = 0; limb < shape.primes(); limb++) {
                long seen = limb(chain.prime(limb), polynomial, limb, sink);
                beyondFirst |= polynomial == 0 ? 0 : seen;
            }
        }
        if (shape.seeded()) {
            return seed();
        }
        if (beyondFirst == 0) {
            throw in.refuse(
                    Reason.TRANSPARENT, "polynomials of zeros behind the first", "a ciphertext that hides something");
        }
        return null;
    }

    /** Reads the residues and, in the place of a seed, gives the sink what the seed stands for. */
    void residuesExpanded(CiphertextShape shape, ResidueSink sink) throws IOException {
        PublicSeed seed = residues(shape, sink);
        if (seed == null) {
            return;
        }
        try (UniformResidues uniform = new UniformResidues(seed, shape.degree(), chain.primes(shape.primes()))) {
            for (int left = shape.polynomialWords(); left > 0; left -= CHUNK_WORDS) {
                int count = Math.min(left, CHUNK_WORDS);
                uniform.next(chunk, 0, count);
                sink.accept(chunk, count);
            }
        }
    }

    /** Reads one limb and returns the union of its words. */
    private long limb(long prime, int polynomial, int limb, ResidueSink sink) throws IOException {
        long union = 0;
        for (int from = 0; from < chain.degree(); from += CHUNK_WORDS) {
            int count = Math.min(CHUNK_WORDS, chain.degree() - from);
            in.words(chunk, count);
            long outside = 0;
            for (int i = 0; i < count; i++) {
                long word = chunk[i];
                outside |= word | (prime - 1 - word);
                union |= word;
            }
            if (outside < 0) {
                throw residueOutside(prime, polynomial, limb, from, count);
            }
            sink.accept(chunk, count);
        }
        return union;
    }

    private ContainerException residueOutside(long prime, int polynomial, int limb, int from, int count) {
        int at = 0;
        while (at < count - 1 && Long.compareUnsigned(chunk[at], prime) < 0) {
            at++;
        }
        return in.refuse(
                Reason.RESIDUE,
                "residue " + Long.toUnsignedString(chunk[at]) + " in polynomial " + polynomial + ", prime " + limb
                        + ", coefficient " + (from + at),
                "0 to " + (prime - 1));
    }

    private PublicSeed seed() throws IOException {
        in.nestedHeader(SEED_OBJECT_BYTES);
        int function = in.u8();
        Xof xof = switch (function) {
            case 1 -> Xof.BLAKE2XB;
            case 2 -> Xof.SHAKE256;
            default -> throw in.refuse(Reason.FORM, "seed function " + function, "1 (BLAKE2Xb) or 2 (SHAKE256)");
        };
        byte[] seed = new byte[SeedStream.SEED_BYTES];
        in.bytes(seed);
        return new PublicSeed(xof, seed);
    }
}
