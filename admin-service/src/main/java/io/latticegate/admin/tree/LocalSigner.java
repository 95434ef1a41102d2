package io.latticegate.admin.tree;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;

/** Signs with private keys in this process. */
final class LocalSigner implements CheckpointSigner {
    private final List<LogKey> keys;
    private final List<PrivateKey> privateKeys;

    private LocalSigner(List<LogKey> keys, List<PrivateKey> privateKeys) {
        this.keys = List.copyOf(keys);
        this.privateKeys = List.copyOf(privateKeys);
    }

    /** A signer with new key pairs: P-256 and ML-DSA-65. */
    static LocalSigner generate(String name, SecureRandom random) {
        try {
            KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
            curve.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPairGenerator lattice = KeyPairGenerator.getInstance(LogKey.Algorithm.ML_DSA_65.jca());
            KeyPair classical = curve.generateKeyPair();
            KeyPair postQuantum = lattice.generateKeyPair();
            return new LocalSigner(
                    List.of(
                            new LogKey(
                                    name,
                                    LogKey.Algorithm.ECDSA_P256,
                                    classical.getPublic().getEncoded()),
                            new LogKey(
                                    name,
                                    LogKey.Algorithm.ML_DSA_65,
                                    postQuantum.getPublic().getEncoded())),
                    List.of(classical.getPrivate(), postQuantum.getPrivate()));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK cannot make P-256 and ML-DSA-65 keys", missing);
        }
    }

    /**
     * A signer with keys made before.
     *
     * @param encoded PKCS #8, in the order of {@code keys}; the caller wipes it
     */
    static LocalSigner of(List<LogKey> keys, List<byte[]> encoded) {
        List<PrivateKey> privateKeys = new ArrayList<>();
        try {
            for (int at = 0; at < keys.size(); at++) {
                String kind = keys.get(at).algorithm() == LogKey.Algorithm.ECDSA_P256 ? "EC" : "ML-DSA-65";
                privateKeys.add(KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(encoded.get(at))));
            }
        } catch (GeneralSecurityException malformed) {
            throw new IllegalStateException("a stored signing key is malformed", malformed);
        }
        return new LocalSigner(keys, privateKeys);
    }

    /** PKCS #8, in the order of {@link #keys()}; the caller wipes it. */
    List<byte[]> encoded() {
        return privateKeys.stream().map(PrivateKey::getEncoded).toList();
    }

    @Override
    public List<LogKey> keys() {
        return keys;
    }

    @Override
    public List<byte[]> sign(byte[] text) {
        List<byte[]> signatures = new ArrayList<>();
        try {
            for (int at = 0; at < keys.size(); at++) {
                Signature signature =
                        Signature.getInstance(keys.get(at).algorithm().jca());
                signature.initSign(privateKeys.get(at));
                signature.update(text);
                signatures.add(signature.sign());
            }
        } catch (GeneralSecurityException unusable) {
            throw new IllegalStateException("a signing key of the audit log cannot be used", unusable);
        }
        return signatures;
    }
}
