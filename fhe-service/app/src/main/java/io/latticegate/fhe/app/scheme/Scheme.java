package io.latticegate.fhe.app.scheme;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.wire.CiphertextReader;
import io.latticegate.fhe.core.wire.CiphertextRules;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.ContainerException;
import io.latticegate.fhe.core.wire.ParameterChain;
import io.latticegate.fhe.core.wire.SealCiphertext;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** One parameter set and what computes under it. Immutable, and safe for use by several threads. */
public final class Scheme {
    /** What a container adds to its residues at most, in bytes. */
    private static final long CONTAINER_OVERHEAD = 4_096;

    private final Preset preset;
    private final SealObjects objects;
    private final Evaluator evaluator;

    Scheme(Preset preset, RnsBackend backend) {
        this.preset = preset;
        this.objects = new SealObjects(preset.parameters(), backend);
        this.evaluator = new Evaluator(preset.parameters(), backend);
    }

    public String name() {
        return preset.name();
    }

    public Preset preset() {
        return preset;
    }

    public CkksParameters parameters() {
        return preset.parameters();
    }

    /** Between containers and what is computed with. */
    public SealObjects objects() {
        return objects;
    }

    public ParameterChain chain() {
        return objects.chain();
    }

    public Evaluator evaluator() {
        return evaluator;
    }

    public RnsBackend backend() {
        return evaluator.backend();
    }

    /** What a ciphertext takes in memory. */
    public long ciphertextBytes(int level, int polynomials) {
        return (long) polynomials * (level + 1) * parameters().degree() * Long.BYTES;
    }

    /** The longest container of a ciphertext, compressed badly. */
    public long containerBytesMax(int level, int polynomials) {
        long plain = ciphertextBytes(level, polynomials) + CONTAINER_OVERHEAD;
        return plain + (plain >> 6);
    }

    /**
     * Reads a ciphertext from a container, its seed expanded.
     *
     * @param what names it in a refusal
     * @throws Refusal 422 where the container is refused: {@code secret_key_refused}, {@code preset_mismatch} or
     *     {@code invalid_ciphertext}
     */
    public Ciphertext read(InputStream container, CiphertextRules rules, String what) throws IOException {
        return read(container, rules, false, what);
    }

    /**
     * Reads a ciphertext that was encrypted with a secret key: only those come with a seed in place of their second polynomial.
     *
     * @throws Refusal as {@link #read}, and for a ciphertext without a seed
     */
    public Ciphertext readSeeded(InputStream container, CiphertextRules rules, String what) throws IOException {
        return read(container, rules, true, what);
    }

    private Ciphertext read(InputStream container, CiphertextRules rules, boolean seeded, String what)
            throws IOException {
        try {
            SealCiphertext read = new CiphertextReader(chain(), rules).read(container);
            if (seeded && read.seed() == null) {
                throw Refusal.of(
                        422,
                        "invalid_ciphertext",
                        what + ": the ciphertext has no seed; allowed are those of a symmetric encryption that is saved"
                                + " with its seed");
            }
            return objects.ciphertext(read);
        } catch (ContainerException refused) {
            throw refusal(refused, what, "invalid_ciphertext");
        } catch (IllegalArgumentException outOfBounds) {
            throw Refusal.of(422, "invalid_ciphertext", what + ": " + outOfBounds.getMessage());
        }
    }

    /** What a client is told of a container that was refused. */
    public Refusal refusal(ContainerException refused, String what, String code) {
        String chosen = switch (refused.reason()) {
            case SECRET_KEY -> "secret_key_refused";
            case PARAMETERS -> "preset_mismatch";
            default -> code;
        };
        return Refusal.of(422, chosen, what + ", under preset " + name() + ": " + refused.getMessage());
    }

    /** The container of a ciphertext. */
    public byte[] container(Ciphertext ciphertext, Compression compression) {
        int expected = Math.toIntExact(
                ciphertextBytes(ciphertext.level(), ciphertext.parts().size()) + CONTAINER_OVERHEAD);
        ByteArrayOutputStream out = new ByteArrayOutputStream(compression == Compression.NONE ? expected : 1 << 16);
        try {
            SealWriter.write(objects.container(ciphertext), out, compression);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    @Override
    public String toString() {
        return name();
    }
}
