package io.latticegate.fhe.core.client;

import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.SeededCiphertext;
import io.latticegate.fhe.core.key.PublicKey;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.Xof;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/**
 * Encrypts, with fresh randomness each time: one seed for the public mask and, independent of it, one for noise, each
 * from the {@link SecureRandom}. Secrets and noise are treated without branching on them.
 */
public final class Encryptor {
    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final SecureRandom random;

    public Encryptor(CkksParameters parameters, RnsBackend backend, SecureRandom random) {
        this.parameters = parameters;
        this.backend = backend;
        this.random = random;
    }

    private byte[] freshSeed() {
        byte[] seed = new byte[SeedStream.SEED_BYTES];
        random.nextBytes(seed);
        return seed;
    }

    private SeedStream noiseStream() {
        byte[] seed = freshSeed();
        SeedStream stream = new SeedStream(Xof.BLAKE2XB, seed);
        Arrays.fill(seed, (byte) 0);
        return stream;
    }

    private void require(CkksParameters others) {
        if (others != parameters) {
            throw new IllegalArgumentException(others + " for an encryptor of " + parameters);
        }
    }

    /** (m − (a·s + e), a), with a by its seed, at the plaintext's level. */
    public SeededCiphertext encrypt(Plaintext message, SecretKey secret) {
        require(message.parameters());
        require(secret.parameters());
        RnsBase base = message.poly().base();
        PublicSeed seed = new PublicSeed(Xof.BLAKE2XB, freshSeed());
        try (SeedStream noise = noiseStream();
                SmallPolynomial e = SmallPolynomial.noise(parameters.degree(), noise);
                Poly<Eval> mask = SeededSwitchingKey.uniform(backend, base, seed)) {
            Poly<Eval> body = zeroBody(backend, secret, mask, e);
            backend.add(body, message.poly(), body);
            return new SeededCiphertext(parameters, message.scale(), body, seed);
        }
    }

    /** −(a·s + e) over the base of a. */
    static Poly<Eval> zeroBody(RnsBackend backend, SecretKey secret, Poly<Eval> mask, SmallPolynomial noise) {
        Poly<Eval> body = noise.lift(backend, mask.base());
        backend.multiplyAdd(mask, secret.poly(), body);
        backend.negate(body, body);
        return body;
    }

    /**
     * Encrypts without a secret: ternary u and noise e_i give (b·u + e_0, a·u + e_1) over the special primes too, which
     * are then divided away with rounding; the message is added last, at its level.
     */
    public Ciphertext encrypt(Plaintext message, PublicKey key) {
        require(message.parameters());
        require(key.parameters());
        int level = message.level();
        RnsBase extended = parameters.ring().extended(level);
        Poly<Eval> first = backend.allocate(message.poly().base());
        Poly<Eval> second = backend.allocate(message.poly().base());
        try (SeedStream noise = noiseStream();
                SmallPolynomial ternary = SmallPolynomial.ternary(parameters.degree(), noise);
                SmallPolynomial e0 = SmallPolynomial.noise(parameters.degree(), noise);
                SmallPolynomial e1 = SmallPolynomial.noise(parameters.degree(), noise);
                Poly<Eval> u = ternary.lift(backend, extended);
                Poly<Eval> sum0 = e0.lift(backend, extended);
                Poly<Eval> sum1 = e1.lift(backend, extended)) {
            backend.multiplyAdd(u, key.body(), sum0);
            backend.multiplyAdd(u, key.mask(), sum1);
            backend.modDown(sum0, first);
            backend.modDown(sum1, second);
        }
        backend.add(first, message.poly(), first);
        return new Ciphertext(parameters, message.scale(), List.of(first, second));
    }
}
