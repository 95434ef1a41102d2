package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.wire.ContainerException.Reason;
import java.io.IOException;
import java.io.InputStream;

/** Reads encryption parameters (native/src/seal/encryptionparams.cpp). Whether they are secure is for others to say. */
public final class ParametersReader {
    static final int MODULUS_BYTES = SealHeader.BYTES + Long.BYTES;
    static final int SCHEME_CKKS = 2;

    /**
     * Reads CKKS parameters.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws ContainerException when the container is refused
     */
    public static ParameterChain read(InputStream in) throws IOException {
        try (ContainerInput container =
                ContainerInput.open(in, "encryption parameters", objectBytes(ParameterChain.PRIMES_MAX))) {
            int scheme = container.u8();
            if (scheme != SCHEME_CKKS) {
                throw container.refuse(Reason.PARAMETERS, "scheme " + scheme, SCHEME_CKKS + " (CKKS)");
            }
            long degree = container.u64();
            if (degree < ParameterChain.DEGREE_MIN || degree > ParameterChain.DEGREE_MAX) {
                throw container.refuse(
                        Reason.PARAMETERS,
                        "ring degree " + Long.toUnsignedString(degree),
                        "powers of two from " + ParameterChain.DEGREE_MIN + " to " + ParameterChain.DEGREE_MAX);
            }
            long count = container.u64();
            if (count < 1 || count > ParameterChain.PRIMES_MAX) {
                throw container.refuse(
                        Reason.PARAMETERS,
                        Long.toUnsignedString(count) + " primes",
                        "1 to " + ParameterChain.PRIMES_MAX);
            }
            long[] primes = new long[(int) count];
            for (int i = 0; i < primes.length; i++) {
                container.nestedHeader(MODULUS_BYTES);
                primes[i] = container.u64();
            }
            container.nestedHeader(MODULUS_BYTES);
            long plain = container.u64();
            if (plain != 0) {
                throw container.refuse(
                        Reason.PARAMETERS, "plaintext modulus " + Long.toUnsignedString(plain), "0 in CKKS");
            }
            container.end();
            return chain(container, (int) degree, primes);
        }
    }

    private static ParameterChain chain(ContainerInput container, int degree, long[] primes) throws ContainerException {
        try {
            return new ParameterChain(degree, primes);
        } catch (IllegalArgumentException fault) {
            throw container.refuse(
                    Reason.PARAMETERS,
                    String.valueOf(fault.getMessage()),
                    "a power of two and distinct primes that are 1 modulo 2N");
        }
    }

    /** The size of the object with this many primes. */
    static long objectBytes(int primes) {
        return SealHeader.BYTES + 1 + 2 * Long.BYTES + (primes + 1L) * MODULUS_BYTES;
    }

    private ParametersReader() {}
}
