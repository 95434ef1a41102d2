package io.latticegate.fhe.core.evaluate;

import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** A client with all its keys, beside the evaluator that works for it. */
public final class Party {
    public final CkksParameters parameters;
    public final double scale;
    public final RnsBackend backend = new CpuVector();
    public final KeyGenerator generator;
    public final SecretKey secret;
    public final Encoder encoder;
    public final Encryptor encryptor;
    public final Decryptor decryptor;
    public final Evaluator evaluator;
    private final Map<Integer, SwitchingKey> galois = new HashMap<>();

    public Party(Preset preset) {
        this.parameters = preset.parameters();
        this.scale = preset.scale();
        SecureRandom random = new SecureRandom();
        this.generator = new KeyGenerator(parameters, backend, MasterSeed.generate(random), 0);
        this.secret = generator.secretKey();
        this.encoder = new Encoder(parameters, backend);
        this.encryptor = new Encryptor(parameters, backend, random);
        this.decryptor = new Decryptor(parameters, backend, secret);
        this.evaluator = new Evaluator(parameters, backend);
    }

    public SwitchingKey relinearisationKey() {
        return generator.relinearisationKey(secret).expand(backend);
    }

    /** The keys of these elements; each is made once. */
    public GaloisKeys galoisKeys(Collection<Integer> elements) {
        elements.forEach(element -> galois.computeIfAbsent(
                element, g -> generator.galoisKey(secret, g).expand(backend)));
        return new GaloisKeys(parameters, galois);
    }

    public Ciphertext encrypt(double[] values, int level) {
        return encrypt(values, new double[values.length], level);
    }

    public Ciphertext encrypt(double[] real, double[] imaginary, int level) {
        return encryptor
                .encrypt(encoder.encode(real, imaginary, level, scale), secret)
                .expand(backend);
    }

    public Encoder.Slots decrypt(Ciphertext ciphertext) {
        return encoder.decode(decryptor.decrypt(ciphertext));
    }
}
