package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Recognises a secret key where another object is expected. A container does not say what it holds, but a secret key is the
 * only object that begins with the name of the key level, the number of all residues of one polynomial there, and an array
 * 16 bytes further on.
 */
final class SecretKeyShape {
    private static final int COUNT_AT = ParmsId.BYTES;
    private static final int ARRAY_AT = COUNT_AT + Long.BYTES + Double.BYTES;

    /** The greatest container to open, so that a secret key is opened and recognised where less would be expected. */
    static long bytesMax(ParameterChain chain, long expectedMax) {
        long residues = (long) chain.keyPrimes() * chain.degree();
        return Math.max(expectedMax, PlaintextReader.OVERHEAD_BYTES + residues * Long.BYTES);
    }

    /** Refuses a container that holds a secret key, before anything else of it is looked at. */
    static void refuse(ParameterChain chain, ContainerInput in) throws IOException {
        ByteBuffer start = in.peek(ARRAY_AT + Short.BYTES);
        if (start.remaining() < ARRAY_AT + Short.BYTES) {
            return;
        }
        ParmsId id = new ParmsId(start.getLong(0), start.getLong(8), start.getLong(16), start.getLong(24));
        if (id.equals(chain.keyId())
                && start.getLong(COUNT_AT) == (long) chain.keyPrimes() * chain.degree()
                && start.getShort(ARRAY_AT) == SealHeader.MAGIC) {
            throw in.refuse(
                    Reason.SECRET_KEY,
                    "a secret key",
                    "public objects only; a secret key stays with its owner, and this one should be replaced");
        }
    }

    private SecretKeyShape() {}
}
