package io.latticegate.client;

import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.SeededCiphertext;
import io.latticegate.fhe.core.key.PublicKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.wire.CiphertextReader;
import io.latticegate.fhe.core.wire.CiphertextRules;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.ContainerException;
import io.latticegate.fhe.core.wire.ParameterChain;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;

/** One parameter set with what encodes, encrypts and reads under it. Immutable; safe for use by several threads. */
final class Scheme {
    /** Everything in a ciphertext's container but its residues is shorter. */
    private static final int CONTAINER_OVERHEAD_BYTES = 4_096;

    private final Preset preset;
    private final RnsBackend backend;
    private final SealObjects objects;
    private final Encoder encoder;
    private final Encryptor encryptor;

    /** @throws IllegalArgumentException for a set whose keys do not travel in SEAL's containers */
    Scheme(Preset preset, RnsBackend backend, SecureRandom random) {
        CkksParameters parameters = preset.parameters();
        this.preset = preset;
        this.backend = backend;
        this.objects = new SealObjects(parameters, backend);
        this.encoder = new Encoder(parameters, backend);
        this.encryptor = new Encryptor(parameters, backend, random);
    }

    Preset preset() {
        return preset;
    }

    CkksParameters parameters() {
        return preset.parameters();
    }

    RnsBackend backend() {
        return backend;
    }

    SealObjects objects() {
        return objects;
    }

    Encoder encoder() {
        return encoder;
    }

    Encryptor encryptor() {
        return encryptor;
    }

    ParameterChain chain() {
        return objects.chain();
    }

    /** The longest container of a ciphertext of these parameters, uncompressed. */
    long ciphertextBytesMax() {
        return 3L * chain().dataPrimes() * chain().degree() * Long.BYTES + CONTAINER_OVERHEAD_BYTES;
    }

    /** The container of fresh values. */
    byte[] encrypted(double[] values, int level, double scale, SecretKey secret) {
        try (Plaintext plaintext = encoder.encode(values, level, scale)) {
            return container(encryptor.encrypt(plaintext, secret));
        }
    }

    /** The container of a fresh ciphertext, which is closed. */
    byte[] container(SeededCiphertext fresh) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            SealWriter.write(objects.container(fresh), bytes, Compression.NONE);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory cannot be written", impossible);
        } finally {
            fresh.body().close();
        }
        return bytes.toByteArray();
    }

    /** The container of the public key. */
    byte[] publicKey(KeyGenerator generator, SecretKey secret) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PublicKey key = generator.publicKey(secret)) {
            SealWriter.write(objects.container(key), bytes, Compression.NONE);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory cannot be written", impossible);
        }
        return bytes.toByteArray();
    }

    /** Reads a ciphertext that must have this level and scale. The caller closes it. */
    Ciphertext ciphertext(byte[] container, int polynomials, int level, double scale) {
        CiphertextRules rules = new CiphertextRules(polynomials, level + 1, level + 1, scale);
        try {
            return objects.ciphertext(new CiphertextReader(chain(), rules).read(new ByteArrayInputStream(container)));
        } catch (ContainerException refused) {
            throw new BrokenReplyException("a ciphertext of the reply is refused: " + refused.getMessage(), refused);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory cannot be read", impossible);
        }
    }

    /** The decrypted slots of a container that must have this level and scale. */
    Encoder.Slots decrypted(byte[] container, int polynomials, int level, double scale, SecretKey secret) {
        try (Ciphertext ciphertext = ciphertext(container, polynomials, level, scale);
                Plaintext plaintext = new Decryptor(parameters(), backend, secret).decrypt(ciphertext)) {
            return encoder.decode(plaintext);
        }
    }
}
