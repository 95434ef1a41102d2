package io.latticegate.e2e.fhe;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.client.head.EmbeddingEncoder;
import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.head.InputPacking;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.wire.CiphertextReader;
import io.latticegate.fhe.core.wire.CiphertextRules;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import io.latticegate.fhe.core.wire.client.SecretKeyContainer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Somebody with a secret key: makes the objects that a service gets, and reads those that come back. */
final class FheParty {
    private static final RnsBackend BACKEND = Backends.cpu();

    private final Preset preset;
    private final CkksParameters parameters;
    private final SealObjects objects;
    private final Encoder encoder;
    private final KeyGenerator generator;
    private final SecretKey secret;

    FheParty(Preset preset) {
        this(preset, MasterSeed.generate(new SecureRandom()));
    }

    /** @param seed of which all keys are made */
    FheParty(Preset preset, MasterSeed seed) {
        this.preset = preset;
        this.parameters = preset.parameters();
        this.objects = new SealObjects(parameters, BACKEND);
        this.encoder = new Encoder(parameters, BACKEND);
        this.generator = new KeyGenerator(parameters, BACKEND, seed, 1);
        this.secret = generator.secretKey();
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writing.to(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    SealObjects objects() {
        return objects;
    }

    RnsBackend backend() {
        return BACKEND;
    }

    SecretKey secret() {
        return secret;
    }

    Encoder encoder() {
        return encoder;
    }

    byte[] relinearisation(Compression compression) {
        return bytes(out -> SealWriter.write(
                objects.relinearisationContainer(generator.relinearisationKey(secret)), out, compression));
    }

    byte[] galois(Compression compression, int... steps) {
        return galois(
                compression,
                Arrays.stream(steps)
                        .mapToObj(step -> GaloisElements.rotation(parameters.degree(), step))
                        .toList());
    }

    byte[] galois(Compression compression, List<Integer> elements) {
        Map<Integer, SeededSwitchingKey> keys = new HashMap<>();
        for (int element : elements) {
            keys.put(element, generator.galoisKey(secret, element));
        }
        return bytes(out -> SealWriter.write(objects.galoisContainer(keys), out, compression));
    }

    byte[] secretKey() {
        return bytes(out -> SecretKeyContainer.write(secret, BACKEND, out));
    }

    byte[] encrypt(double... values) {
        return encrypt(encoder.encode(values, parameters.topLevel(), preset.scale()));
    }

    /** @param head as the service describes it */
    Plaintext encode(JsonObject head, double[] vector) {
        JsonObject packing = head.getJsonObject("packing");
        InputPacking slots = new InputPacking(
                packing.getInteger("slots"),
                head.getInteger("input"),
                packing.getInteger("period"),
                packing.getInteger("block"),
                packing.getInteger("shift"),
                packing.getInteger("turns"));
        return new EmbeddingEncoder(encoder, slots, head.getInteger("input_level"), head.getDouble("input_scale"))
                .encode(vector);
    }

    /** The first scores in what a head answered; all slots behind them are zero. */
    HeadScores scores(byte[] container, int outputs) throws IOException {
        double[] slots = decrypt(container);
        return new HeadScores(Arrays.copyOf(slots, outputs));
    }

    byte[] encrypt(Plaintext plain) {
        var ciphertext = new Encryptor(parameters, BACKEND, new SecureRandom()).encrypt(plain, secret);
        return bytes(out -> SealWriter.write(objects.container(ciphertext), out, Compression.NONE));
    }

    double[] decrypt(byte[] container) throws IOException {
        var read = new CiphertextReader(objects.chain(), CiphertextRules.wellFormed(objects.chain()))
                .read(new ByteArrayInputStream(container));
        try (Ciphertext ciphertext = objects.ciphertext(read)) {
            return encoder.decode(new Decryptor(parameters, BACKEND, secret).decrypt(ciphertext))
                    .real();
        }
    }
}
