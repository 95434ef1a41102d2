package io.latticegate.admin.tree;

import io.latticegate.common.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The public half of a key that signs checkpoints.
 *
 * @param name in signature lines: the log's origin
 * @param spki SubjectPublicKeyInfo, DER
 */
public record LogKey(String name, Algorithm algorithm, byte[] spki) {
    private static final int ID_BYTES = 4;

    /** How a signature is made, and what stands for that in key ids and verifier keys (C2SP signed-note). */
    public enum Algorithm {
        /** ECDSA over P-256 with SHA-256, DER-encoded: signature type 0x02, whose key id is a digest of the key alone. */
        ECDSA_P256("ECDSA-P256-SHA256", "SHA256withECDSA", new byte[] {2}),

        /** ML-DSA-65 (FIPS 204), pure, with an empty context: no type is assigned, so 0xff and a name of our own. */
        ML_DSA_65("ML-DSA-65", "ML-DSA-65", prefixed("latticegate/ml-dsa-65"));

        private final String label;
        private final String jca;
        private final byte[] type;

        Algorithm(String label, String jca, byte[] type) {
            this.label = label;
            this.jca = jca;
            this.type = type;
        }

        /** As the API names it. */
        public String label() {
            return label;
        }

        String jca() {
            return jca;
        }

        private static byte[] prefixed(String name) {
            byte[] text = name.getBytes(StandardCharsets.US_ASCII);
            byte[] type = new byte[text.length + 1];
            type[0] = (byte) 0xff;
            System.arraycopy(text, 0, type, 1, text.length);
            return type;
        }
    }

    /** The four bytes in front of its signatures. */
    byte[] id() {
        byte[] digest = algorithm == Algorithm.ECDSA_P256
                ? Sha256.of(spki)
                : Sha256.of((name + "\n").getBytes(StandardCharsets.UTF_8), algorithm.type, spki);
        return Arrays.copyOf(digest, ID_BYTES);
    }

    /** The verifier key as text: {@code name+id+base64(type and key)}. */
    public String verifier() {
        byte[] key = Arrays.copyOf(algorithm.type, algorithm.type.length + spki.length);
        System.arraycopy(spki, 0, key, algorithm.type.length, spki.length);
        return name + "+" + HexFormat.of().formatHex(id()) + "+"
                + Base64.getEncoder().encodeToString(key);
    }

    @Override
    public String toString() {
        return algorithm.label() + " " + HexFormat.of().formatHex(id());
    }
}
