package io.latticegate.common.crypto;

import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;

/**
 * An X25519 key pair (RFC 7748) to which secrets are sealed with {@link Hpke}. Closing it wipes the private key; using it
 * after that throws {@link IllegalStateException}.
 */
public final class SealingKeyPair implements AutoCloseable {
    private final Secret privateKey;
    private final byte[] publicKey;

    private SealingKeyPair(Secret privateKey) {
        this.privateKey = privateKey;
        this.publicKey = privateKey.expose(bytes ->
                new X25519PrivateKeyParameters(bytes).generatePublicKey().getEncoded());
    }

    public static SealingKeyPair generate(SecureRandom random) {
        byte[] scalar = new byte[SealedSecret.KEY_BYTES];
        random.nextBytes(scalar);
        return new SealingKeyPair(Secret.owning(scalar));
    }

    /**
     * The pair of a stored private key.
     *
     * @param privateKey 32 bytes; this takes ownership
     */
    public static SealingKeyPair of(Secret privateKey) {
        if (privateKey.length() != SealedSecret.KEY_BYTES) {
            throw new IllegalArgumentException("an X25519 private key has 32 bytes, not " + privateKey.length());
        }
        return new SealingKeyPair(privateKey);
    }

    /** A copy of the 32-byte public key. */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /** A copy of the private key, for storing it sealed; the caller closes it. */
    public Secret copyPrivateKey() {
        return privateKey.copy();
    }

    /** First 12 hex digits of SHA-256 of the public key. */
    public String fingerprint() {
        return HexFormat.of().formatHex(Sha256.of(publicKey), 0, 6);
    }

    AsymmetricCipherKeyPair parameters() {
        X25519PrivateKeyParameters secret = privateKey.expose(X25519PrivateKeyParameters::new);
        return new AsymmetricCipherKeyPair(secret.generatePublicKey(), secret);
    }

    @Override
    public void close() {
        privateKey.close();
    }

    @Override
    public String toString() {
        return "SealingKeyPair(" + fingerprint() + ")";
    }
}
