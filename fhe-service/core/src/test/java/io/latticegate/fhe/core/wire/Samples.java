package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.Xof;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Small well-formed objects with random residues. They need not decrypt to anything. */
final class Samples {
    /** N = 1024 with three primes of 20 bits. */
    static final ParameterChain CHAIN = new ParameterChain(1024, 1038337, 1032193, 1017857);

    private final SplittableRandom random;

    Samples(long seed) {
        this.random = new SplittableRandom(seed);
    }

    interface Writing {
        void to(ByteArrayOutputStream out) throws IOException;
    }

    static byte[] bytes(Writing writing) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writing.to(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    SealCiphertext ciphertext(ParameterChain chain, int size, int primes, boolean seeded) {
        return object(new CiphertextShape(chain.id(primes), size, chain.degree(), primes, 0x1p20, seeded), chain);
    }

    SealCiphertext key(ParameterChain chain, boolean seeded) {
        return object(new CiphertextShape(chain.keyId(), 2, chain.degree(), chain.keyPrimes(), 1.0, seeded), chain);
    }

    private SealCiphertext object(CiphertextShape shape, ParameterChain chain) {
        return new SealCiphertext(
                shape, residues(chain, shape.storedWords(), shape.primes()), shape.seeded() ? seed() : null);
    }

    SealPlaintext plaintext(ParameterChain chain, int primes) {
        return new SealPlaintext(chain.id(primes), 0x1p20, residues(chain, primes * chain.degree(), primes));
    }

    KeySwitchKeys relinearisation(ParameterChain chain, boolean seeded) {
        return new KeySwitchKeys(chain.keyId(), List.of(digits(chain, seeded)));
    }

    KeySwitchKeys galois(ParameterChain chain, boolean seeded, int... elements) {
        List<List<SealCiphertext>> keys = new ArrayList<>(Collections.nCopies(chain.degree(), List.of()));
        for (int element : elements) {
            keys.set(KeySwitchKeys.galoisIndex(element), digits(chain, seeded));
        }
        return new KeySwitchKeys(chain.keyId(), keys);
    }

    private List<SealCiphertext> digits(ParameterChain chain, boolean seeded) {
        List<SealCiphertext> digits = new ArrayList<>();
        for (int digit = 0; digit < chain.dataPrimes(); digit++) {
            digits.add(key(chain, seeded));
        }
        return digits;
    }

    private long[] residues(ParameterChain chain, int words, int primes) {
        long[] residues = new long[words];
        for (int i = 0; i < words; i++) {
            residues[i] = random.nextLong(chain.prime(i / chain.degree() % primes));
        }
        return residues;
    }

    private PublicSeed seed() {
        byte[] seed = new byte[SeedStream.SEED_BYTES];
        random.nextBytes(seed);
        return new PublicSeed(Xof.BLAKE2XB, seed);
    }
}
