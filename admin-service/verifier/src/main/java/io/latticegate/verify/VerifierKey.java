package io.latticegate.verify;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A public key under whose signature checkpoints are believed.
 *
 * @param name of the signer in signature lines
 * @param algorithm {@code ECDSA-P256-SHA256} or {@code ML-DSA-65}
 * @param spki SubjectPublicKeyInfo, DER
 */
record VerifierKey(String name, String algorithm, byte[] spki) {
    static final String CLASSICAL = "ECDSA-P256-SHA256";
    static final String POST_QUANTUM = "ML-DSA-65";

    private static final int KEYS_MAX = 16;

    /**
     * Reads a list of keys as {@code /manage/audit/keys} answers it.
     *
     * @throws IllegalArgumentException when it is malformed, or not every log key is of a known kind, or one kind is missing
     */
    static List<VerifierKey> list(byte[] json) {
        if (!(Json.parse(new String(json, StandardCharsets.UTF_8)) instanceof Json.Value.Members document)) {
            throw new IllegalArgumentException("a list of keys is a JSON object");
        }
        List<VerifierKey> keys = new ArrayList<>();
        for (Json.Value item : document.items("keys")) {
            if (!(item instanceof Json.Value.Members key)) {
                throw new IllegalArgumentException("a key is a JSON object");
            }
            keys.add(of(key));
        }
        boolean both = keys.stream().anyMatch(key -> key.algorithm().equals(CLASSICAL))
                && keys.stream().anyMatch(key -> key.algorithm().equals(POST_QUANTUM));
        if (!both || keys.size() > KEYS_MAX) {
            throw new IllegalArgumentException(
                    "a log has a key of " + CLASSICAL + " and one of " + POST_QUANTUM + ", and at most " + KEYS_MAX);
        }
        return List.copyOf(keys);
    }

    private static VerifierKey of(Json.Value.Members json) {
        String name = required(json, "name");
        String algorithm = required(json, "algorithm");
        if (!algorithm.equals(CLASSICAL) && !algorithm.equals(POST_QUANTUM)) {
            throw new IllegalArgumentException("a key has the algorithm " + CLASSICAL + " or " + POST_QUANTUM);
        }
        if (name.isEmpty() || name.chars().anyMatch(unit -> unit == '+' || Character.isWhitespace(unit))) {
            throw new IllegalArgumentException("a key's name is not empty and has neither '+' nor white space");
        }
        VerifierKey key = new VerifierKey(name, algorithm, StrictBase64.decode(required(json, "public_key")));
        key.publicKey();
        if (!required(json, "verifier").equals(key.verifier())) {
            throw new IllegalArgumentException("the verifier text of a key is not that of its public key");
        }
        return key;
    }

    private static String required(Json.Value.Members json, String member) {
        return json.text(member).orElseThrow(() -> new IllegalArgumentException("a key lacks the text " + member));
    }

    /** Four bytes that stand in front of its signatures (C2SP signed-note). */
    byte[] id() {
        byte[] digest = algorithm.equals(CLASSICAL)
                ? Merkle.sha256(spki)
                : Merkle.sha256((name + "\n").getBytes(StandardCharsets.UTF_8), type(), spki);
        return Arrays.copyOf(digest, 4);
    }

    private byte[] type() {
        if (algorithm.equals(CLASSICAL)) {
            return new byte[] {2};
        }
        ByteArrayOutputStream type = new ByteArrayOutputStream();
        type.write(0xff);
        type.writeBytes("latticegate/ml-dsa-65".getBytes(StandardCharsets.US_ASCII));
        return type.toByteArray();
    }

    private String verifier() {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        key.writeBytes(type());
        key.writeBytes(spki);
        return name + "+" + HexFormat.of().formatHex(id()) + "+" + StrictBase64.encode(key.toByteArray());
    }

    boolean verifies(byte[] text, byte[] signature) {
        try {
            Signature verification =
                    Signature.getInstance(algorithm.equals(CLASSICAL) ? "SHA256withECDSA" : "ML-DSA-65");
            verification.initVerify(publicKey());
            verification.update(text);
            return verification.verify(signature);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }

    private PublicKey publicKey() {
        try {
            return KeyFactory.getInstance(algorithm.equals(CLASSICAL) ? "EC" : "ML-DSA-65")
                    .generatePublic(new X509EncodedKeySpec(spki));
        } catch (GeneralSecurityException malformed) {
            throw new IllegalArgumentException("a public key is not one of " + algorithm, malformed);
        }
    }

    boolean same(VerifierKey other) {
        return name.equals(other.name) && algorithm.equals(other.algorithm) && Arrays.equals(spki, other.spki);
    }

    /** The SHA-256 of the key, as a person compares it. */
    String fingerprint() {
        return HexFormat.of().formatHex(Merkle.sha256(spki));
    }
}
