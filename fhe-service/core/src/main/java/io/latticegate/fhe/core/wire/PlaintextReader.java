package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import java.io.IOException;
import java.io.InputStream;

/** Reads encoded plaintexts of the data levels of one parameter chain (native/src/seal/plaintext.cpp). */
public final class PlaintextReader {
    /** Header, parms_id, number of residues, scale, and the array's header and count. */
    static final int OVERHEAD_BYTES = SealHeader.BYTES + ParmsId.BYTES + 2 * Long.BYTES + SealHeader.BYTES + Long.BYTES;

    private final ParameterChain chain;

    /** A reader for plaintexts of this chain. */
    public PlaintextReader(ParameterChain chain) {
        this.chain = chain;
    }

    /**
     * Reads a plaintext.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws ContainerException when the container is refused
     */
    public SealPlaintext read(InputStream in) throws IOException {
        long sizeMax = SecretKeyShape.bytesMax(chain, 0);
        try (ContainerInput container = ContainerInput.open(in, "plaintext", sizeMax)) {
            if (chain.keyPrimes() > 1) {
                SecretKeyShape.refuse(chain, container);
            }
            ParmsId id = container.parmsId();
            int primes = chain.dataPrimes(id);
            if (primes == 0) {
                throw container.refuse(
                        Reason.PARAMETERS, "parms_id " + id, "the name of a data level of the parameters in force");
            }
            SealPlaintext plaintext = members(chain, container, id, primes);
            container.end();
            return plaintext;
        }
    }

    /** Reads the members behind parms_id. */
    static SealPlaintext members(ParameterChain chain, ContainerInput container, ParmsId id, int primes)
            throws IOException {
        int words = primes * chain.degree();
        expectWords(container, container.u64(), words);
        double scale = container.f64();
        if (!(scale >= Double.MIN_NORMAL && scale <= Double.MAX_VALUE)) {
            throw container.refuse(Reason.SCALE, "scale " + scale, "positive normal numbers");
        }
        container.nestedHeader(SealHeader.BYTES + Long.BYTES + (long) words * Long.BYTES);
        expectWords(container, container.u64(), words);
        long[] residues = new long[words];
        container.words(residues, words);
        for (int i = 0; i < words; i++) {
            long prime = chain.prime(i / chain.degree());
            if (Long.compareUnsigned(residues[i], prime) >= 0) {
                throw container.refuse(
                        Reason.RESIDUE,
                        "a residue of prime " + i / chain.degree() + ", coefficient " + i % chain.degree(),
                        "0 to " + (prime - 1));
            }
        }
        return new SealPlaintext(id, scale, residues);
    }

    private static void expectWords(ContainerInput container, long claimed, long words) throws ContainerException {
        if (claimed != words) {
            throw container.refuse(Reason.SIZE, Long.toUnsignedString(claimed) + " residues", Long.toString(words));
        }
    }
}
