package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.PublicSeed;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads ciphertexts of one parameter chain. What it returns is well formed: of a level that the rules allow, in NTT form,
 * every residue below its prime, the scale one of those allowed, and not transparent.
 */
public final class CiphertextReader {
    private static final String OBJECT = "ciphertext";

    private final ParameterChain chain;
    private final CiphertextRules rules;

    /** Names where the residues of a ciphertext go once its shape is known. */
    @FunctionalInterface
    public interface Target {
        /** The place for all polynomials of a ciphertext, the second expanded where the container holds a seed. */
        ResidueSink open(CiphertextShape shape) throws IOException;
    }

    /** A reader under these rules. */
    public CiphertextReader(ParameterChain chain, CiphertextRules rules) {
        this.chain = chain;
        this.rules = rules;
    }

    /**
     * Reads a ciphertext as it is stored.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws ContainerException when the container is refused
     */
    public SealCiphertext read(InputStream in) throws IOException {
        try (ContainerInput container = open(in)) {
            CiphertextBody body = new CiphertextBody(chain, container);
            CiphertextShape shape = body.ciphertextShape(rules);
            long[] residues = new long[shape.storedWords()];
            PublicSeed seed = body.residues(shape, ResidueSink.into(residues, 0));
            container.end();
            return new SealCiphertext(shape, residues, seed);
        }
    }

    /**
     * Reads a ciphertext piece by piece. A refusal can come after residues were given to the target.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws ContainerException when the container is refused
     */
    public CiphertextShape read(InputStream in, Target target) throws IOException {
        try (ContainerInput container = open(in)) {
            CiphertextBody body = new CiphertextBody(chain, container);
            CiphertextShape shape = body.ciphertextShape(rules);
            body.residuesExpanded(shape, target.open(shape));
            container.end();
            return shape;
        }
    }

    private ContainerInput open(InputStream in) throws IOException {
        long sizeMax = CiphertextBody.objectBytesMax(rules.sizeMax(), rules.primesMax(), chain.degree());
        ContainerInput container = ContainerInput.open(in, OBJECT, SecretKeyShape.bytesMax(chain, sizeMax));
        SecretKeyShape.refuse(chain, container);
        return container;
    }
}
