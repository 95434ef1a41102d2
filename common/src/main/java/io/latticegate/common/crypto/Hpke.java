package io.latticegate.common.crypto;

import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import java.util.Optional;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;

/**
 * Sealing one secret to one receiver: HPKE (RFC 9180) base mode, single shot, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-256-GCM (0x0020, 0x0001, 0x0002).
 *
 * <p>Base mode says nothing about who sealed: whoever needs that signs, or answers a signed question.
 */
public final class Hpke {
    /**
     * Seals {@code secret}, which stays open and with the caller.
     *
     * @param publicKey the receiver's X25519 public key, 32 bytes, not one of the low-order points
     * @param info what the secret is for; both sides must agree on it
     * @param aad what the ciphertext is bound to
     */
    public static SealedSecret seal(byte[] publicKey, byte[] info, byte[] aad, Secret secret) {
        HPKE suite = suite();
        return seal(suite, publicKey, info, aad, secret, suite.generatePrivateKey());
    }

    /** With a given ephemeral key, for test vectors. */
    static SealedSecret seal(byte[] publicKey, byte[] info, byte[] aad, Secret secret, SealingKeyPair ephemeral) {
        return seal(suite(), publicKey, info, aad, secret, ephemeral.parameters());
    }

    /**
     * The secret, which the caller closes, or nothing when it was sealed to another key, for another {@code info} or
     * {@code aad}, or was changed on the way.
     *
     * @throws IllegalStateException when {@code receiver} was closed
     */
    public static Optional<Secret> open(SealingKeyPair receiver, byte[] info, byte[] aad, SealedSecret sealed) {
        AsymmetricCipherKeyPair keys = receiver.parameters();
        try {
            byte[] plaintext =
                    suite().setupBaseR(sealed.encapsulatedKey(), keys, info).open(aad, sealed.ciphertext());
            return Optional.of(Secret.owning(plaintext));
        } catch (InvalidCipherTextException | IllegalStateException forgedOrLowOrderPoint) {
            return Optional.empty();
        }
    }

    private static SealedSecret seal(
            HPKE suite, byte[] publicKey, byte[] info, byte[] aad, Secret secret, AsymmetricCipherKeyPair ephemeral) {
        if (publicKey.length != SealedSecret.KEY_BYTES) {
            throw new IllegalArgumentException("an X25519 public key has 32 bytes, not " + publicKey.length);
        }
        AsymmetricKeyParameter receiver = new X25519PublicKeyParameters(publicKey);
        HPKEContextWithEncapsulation context;
        try {
            context = suite.setupBaseS(receiver, info, ephemeral);
        } catch (IllegalStateException lowOrderPoint) {
            throw new IllegalArgumentException("not a usable X25519 public key: a low-order point", lowOrderPoint);
        }
        return secret.expose(plaintext -> {
            try {
                return new SealedSecret(context.getEncapsulation(), context.seal(aad, plaintext));
            } catch (InvalidCipherTextException impossible) {
                throw new IllegalStateException("AES-256-GCM failed to encrypt", impossible);
            }
        });
    }

    private static HPKE suite() {
        return new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    }

    private Hpke() {}
}
