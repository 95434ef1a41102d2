package io.latticegate.fhe.core.client;

import io.latticegate.fhe.core.key.PublicKey;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.Blake2b;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Derives a client's keys from its master seed: the same seed, parameters and epoch give the same keys.
 *
 * <p>The secret is uniform ternary, noise is centred binomial. Every encryption of zero has a mask and noise of its own,
 * each under a label of its own, which also names the secret: two secrets under one mask and noise would give away their
 * difference.
 */
public final class KeyGenerator {
    private static final int FINGERPRINT_BYTES = 32;

    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final MasterSeed seed;
    private final String scope;
    private final RnsBase all;

    /** @param epoch which of the client's keys in a row: keys of different epochs have nothing in common */
    public KeyGenerator(CkksParameters parameters, RnsBackend backend, MasterSeed seed, int epoch) {
        this.parameters = parameters;
        this.backend = backend;
        this.seed = seed;
        this.scope = parameters.keyParmsId() + "\0" + parameters.ring().specialCount() + "\0"
                + parameters.ring().digitPrimes() + "\0" + epoch + "\0";
        this.all = parameters.ring().extended(parameters.topLevel());
    }

    public SecretKey secretKey() {
        try (SeedStream random = seed.privateStream(scope + "secret");
                SmallPolynomial ternary = SmallPolynomial.ternary(parameters.degree(), random)) {
            return new SecretKey(parameters, ternary.lift(backend, all));
        }
    }

    public PublicKey publicKey(SecretKey secret) {
        requireOwn(secret);
        String label = scope + fingerprint(secret) + "public key";
        PublicSeed mask = seed.publicSeed(label);
        Poly<Eval> uniform = SeededSwitchingKey.uniform(backend, all, mask);
        return new PublicKey(parameters, zeroBody(secret, uniform, label), uniform, mask);
    }

    /** For products: the key of s². */
    public SeededSwitchingKey relinearisationKey(SecretKey secret) {
        requireOwn(secret);
        try (Poly<Eval> square = backend.allocate(all)) {
            backend.multiply(secret.poly(), secret.poly(), square);
            return switchingKey(secret, square, "relinearisation");
        }
    }

    /** For one rotation or the conjugation: the key of s(X^element). */
    public SeededSwitchingKey galoisKey(SecretKey secret, int element) {
        requireOwn(secret);
        try (Poly<Eval> moved = backend.allocate(all)) {
            backend.automorphism(secret.poly(), element, moved);
            return switchingKey(secret, moved, "galois " + element);
        }
    }

    private void requireOwn(SecretKey secret) {
        if (secret.parameters() != parameters) {
            throw new IllegalArgumentException(
                    "a secret key of " + secret.parameters() + " for a generator of " + parameters);
        }
    }

    /** Digit j: (−(a·s + e) + P·g_j·other, a), where g_j is 1 modulo the primes of the digit and 0 modulo the others. */
    private SeededSwitchingKey switchingKey(SecretKey secret, Poly<Eval> other, String label) {
        Ring ring = parameters.ring();
        List<BaseConversion> conversions = ring.digits(parameters.topLevel());
        List<SeededSwitchingKey.Digit> digits = new ArrayList<>();
        String fingerprint = fingerprint(secret);
        for (int j = 0; j < conversions.size(); j++) {
            String digitLabel = scope + fingerprint + label + "\0" + j;
            PublicSeed mask = seed.publicSeed(digitLabel);
            long[] gadget = new long[all.size()];
            for (int i = 0; i < conversions.get(j).sourceCount(); i++) {
                int prime = conversions.get(j).source(i);
                Modulus q = ring.tables(prime).modulus();
                gadget[all.position(prime)] = ring.special().productModulo(q);
            }
            try (Poly<Eval> uniform = SeededSwitchingKey.uniform(backend, all, mask);
                    Poly<Eval> shifted = backend.allocate(all)) {
                Poly<Eval> body = zeroBody(secret, uniform, digitLabel);
                backend.multiplyScalar(other, gadget, shifted);
                backend.add(body, shifted, body);
                digits.add(new SeededSwitchingKey.Digit(body, mask));
            }
        }
        return new SeededSwitchingKey(parameters, digits);
    }

    /** The digest of the secret modulo the first prime, which determines it; it goes only into keyed digests. */
    private String fingerprint(SecretKey secret) {
        long[] residues = new long[all.words()];
        backend.download(secret.poly(), residues, 0);
        byte[] bytes = new byte[parameters.degree() * Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().put(residues, 0, parameters.degree());
        String digest = HexFormat.of().formatHex(Blake2b.digest(FINGERPRINT_BYTES, bytes));
        Arrays.fill(bytes, (byte) 0);
        Arrays.fill(residues, 0);
        return digest + "\0";
    }

    /** −(a·s + e). */
    private Poly<Eval> zeroBody(SecretKey secret, Poly<Eval> mask, String label) {
        try (SeedStream random = seed.privateStream("noise\0" + label);
                SmallPolynomial noise = SmallPolynomial.noise(parameters.degree(), random)) {
            return Encryptor.zeroBody(backend, secret, mask, noise);
        }
    }
}
