package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.PublicSeed;
import java.io.IOException;
import java.io.InputStream;

/** Reads public encryption keys of one parameter chain. */
public final class PublicKeyReader {
    private final ParameterChain chain;

    /** A reader for keys of this chain. */
    public PublicKeyReader(ParameterChain chain) {
        this.chain = chain;
    }

    /** The longest container, uncompressed. */
    public long bytesMax() {
        return SealHeader.BYTES + CiphertextBody.objectBytesMax(2, chain.keyPrimes(), chain.degree());
    }

    /**
     * Reads a public key as it is stored.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws ContainerException when the container is refused
     */
    public SealCiphertext read(InputStream in) throws IOException {
        long sizeMax =
                SecretKeyShape.bytesMax(chain, CiphertextBody.objectBytesMax(2, chain.keyPrimes(), chain.degree()));
        try (ContainerInput container = ContainerInput.open(in, "public key", sizeMax)) {
            SecretKeyShape.refuse(chain, container);
            CiphertextBody body = new CiphertextBody(chain, container);
            CiphertextShape shape = body.keyShape();
            long[] residues = new long[shape.storedWords()];
            PublicSeed seed = body.residues(shape, ResidueSink.into(residues, 0));
            container.end();
            return new SealCiphertext(shape, residues, seed);
        }
    }
}
