package io.latticegate.fhe.core.wire.client;

import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import io.latticegate.fhe.core.wire.ContainerInput;
import io.latticegate.fhe.core.wire.ContainerOutput;
import io.latticegate.fhe.core.wire.ParameterChain;
import io.latticegate.fhe.core.wire.SealObjects;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * A secret key as SEAL stores it (native/src/seal/secretkey.h): a plaintext of the key level, in NTT form. The residues are
 * the secret itself: who holds the array overwrites it when it is no longer needed.
 */
public final class SecretKeyContainer {
    private static final int HEADER_BYTES = 16;
    private static final int OVERHEAD_BYTES = HEADER_BYTES + ParmsId.BYTES + 2 * Long.BYTES + HEADER_BYTES + Long.BYTES;

    /**
     * Reads a secret key.
     *
     * @param in holds one container and nothing behind it; not closed
     * @return its residues in NTT form, prime by prime
     * @throws io.latticegate.fhe.core.wire.ContainerException when the container is refused
     */
    public static long[] read(ParameterChain chain, InputStream in) throws IOException {
        int words = chain.keyPrimes() * chain.degree();
        long[] primes = chain.primes();
        try (ContainerInput container =
                ContainerInput.open(in, "secret key", OVERHEAD_BYTES + (long) words * Long.BYTES)) {
            ParmsId id = container.parmsId();
            if (!id.equals(chain.keyId())) {
                throw container.refuse(Reason.PARAMETERS, "parms_id " + id, chain.keyId() + ", the key level");
            }
            expect(container, container.u64(), words);
            double scale = container.f64();
            if (scale != 1.0) {
                throw container.refuse(Reason.SCALE, "scale " + scale, "1.0 in a key");
            }
            container.nestedHeader(HEADER_BYTES + Long.BYTES + (long) words * Long.BYTES);
            expect(container, container.u64(), words);
            long[] residues = new long[words];
            container.words(residues, words);
            long outside = 0;
            for (int i = 0; i < words; i++) {
                outside |= residues[i] | (primes[i / chain.degree()] - 1 - residues[i]);
            }
            if (outside < 0) {
                throw container.refuse(Reason.RESIDUE, "a residue out of range", "residues below their primes");
            }
            container.end();
            return residues;
        }
    }

    /** Writes a secret key, uncompressed. */
    public static void write(ParameterChain chain, long[] residues, OutputStream out) throws IOException {
        if (residues.length != chain.keyPrimes() * chain.degree()) {
            throw new IllegalArgumentException(
                    residues.length + " residues; allowed: " + chain.keyPrimes() * chain.degree());
        }
        ContainerOutput container = new ContainerOutput(out);
        container.header(Compression.NONE, OVERHEAD_BYTES + (long) residues.length * Long.BYTES);
        container.parmsId(chain.keyId());
        container.u64(residues.length);
        container.f64(1.0);
        container.array(residues);
        container.flush();
    }

    /**
     * Reads a secret key for computing with it.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws io.latticegate.fhe.core.wire.ContainerException when the container is refused
     */
    public static SecretKey read(CkksParameters parameters, RnsBackend backend, InputStream in) throws IOException {
        long[] residues = read(SealObjects.chain(parameters), in);
        try {
            RnsBase base = parameters.ring().extended(parameters.topLevel());
            return new SecretKey(parameters, backend.upload(base, residues, 0));
        } finally {
            Arrays.fill(residues, 0);
        }
    }

    /** Writes a secret key, uncompressed. */
    public static void write(SecretKey key, RnsBackend backend, OutputStream out) throws IOException {
        long[] residues = new long[key.poly().base().words()];
        try {
            backend.download(key.poly(), residues, 0);
            write(SealObjects.chain(key.parameters()), residues, out);
        } finally {
            Arrays.fill(residues, 0);
        }
    }

    private static void expect(ContainerInput container, long claimed, long words) throws IOException {
        if (claimed != words) {
            throw container.refuse(Reason.SIZE, Long.toUnsignedString(claimed) + " residues", Long.toString(words));
        }
    }

    private SecretKeyContainer() {}
}
