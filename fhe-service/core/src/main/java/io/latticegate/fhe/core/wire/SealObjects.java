package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.SeededCiphertext;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.PublicKey;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns what containers hold into what is computed with, and back. What comes from a container has been read under the
 * {@link #chain()} of the same parameters. Objects that are made here are the caller's to close. Immutable, and as safe for
 * use by several threads as the backend.
 */
public final class SealObjects {
    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final ParameterChain chain;

    /**
     * For these parameters.
     *
     * @throws IllegalArgumentException when SEAL has no such parameters, because keys have several special primes or several
     *     primes in a digit
     */
    public SealObjects(CkksParameters parameters, RnsBackend backend) {
        this.parameters = parameters;
        this.backend = backend;
        this.chain = chain(parameters);
    }

    /** The names and primes of these parameters' levels. */
    public static ParameterChain chain(CkksParameters parameters) {
        if (parameters.ring().specialCount() != 1 || parameters.ring().digitPrimes() != 1) {
            throw new IllegalArgumentException(parameters + " has "
                    + parameters.ring().specialCount()
                    + " special primes and digits of " + parameters.ring().digitPrimes()
                    + "; allowed in SEAL's containers: 1 and 1");
        }
        return new ParameterChain(
                parameters.degree(),
                parameters.primes().stream().mapToLong(Modulus::value).toArray());
    }

    /** The chain to read containers under. */
    public ParameterChain chain() {
        return chain;
    }

    /** A ciphertext, its seed expanded. */
    public Ciphertext ciphertext(SealCiphertext container) {
        CiphertextShape shape = container.shape();
        RnsBase base = parameters.ring().data(shape.primes() - 1);
        long[] residues = container.expanded(chain);
        List<Poly<Eval>> parts = new ArrayList<>();
        for (int part = 0; part < shape.size(); part++) {
            parts.add(backend.upload(base, residues, part * shape.polynomialWords()));
        }
        return new Ciphertext(parameters, shape.scale(), parts);
    }

    /** The container of a ciphertext. */
    public SealCiphertext container(Ciphertext ciphertext) {
        CiphertextShape shape = shape(ciphertext.level(), ciphertext.parts().size(), ciphertext.scale(), false);
        return new SealCiphertext(shape, residues(ciphertext.parts()), null);
    }

    /** The container of a seeded ciphertext, half the size. */
    public SealCiphertext container(SeededCiphertext ciphertext) {
        CiphertextShape shape = shape(ciphertext.body().base().level(), 2, ciphertext.scale(), true);
        return new SealCiphertext(shape, residues(List.of(ciphertext.body())), ciphertext.seed());
    }

    /** An encoded plaintext. */
    public Plaintext plaintext(SealPlaintext container) {
        int level = container.residues().length / parameters.degree() - 1;
        return new Plaintext(
                parameters, container.scale(), backend.upload(parameters.ring().data(level), container.residues(), 0));
    }

    /** The container of an encoded plaintext. */
    public SealPlaintext container(Plaintext plaintext) {
        return new SealPlaintext(
                parameters.parmsId(plaintext.level()), plaintext.scale(), residues(List.of(plaintext.poly())));
    }

    /** The container of a public key, seeded. */
    public SealCiphertext container(PublicKey key) {
        return keyObject(key.body(), key.seed());
    }

    /** The relinearisation key, its seeds expanded. */
    public SwitchingKey relinearisationKey(KeySwitchKeys container) {
        return switchingKey(container.keys().getFirst());
    }

    /** The Galois keys, their seeds expanded. */
    public GaloisKeys galoisKeys(KeySwitchKeys container) {
        Map<Integer, SwitchingKey> byElement = new HashMap<>();
        for (int index = 0; index < container.keys().size(); index++) {
            List<SealCiphertext> digits = container.keys().get(index);
            if (!digits.isEmpty()) {
                byElement.put(2 * index + 1, switchingKey(digits));
            }
        }
        return new GaloisKeys(parameters, byElement);
    }

    /** The container of a relinearisation key, seeded. */
    public KeySwitchKeys relinearisationContainer(SeededSwitchingKey key) {
        return new KeySwitchKeys(chain.keyId(), List.of(digits(key)));
    }

    /** The container of Galois keys by their elements, seeded. */
    public KeySwitchKeys galoisContainer(Map<Integer, SeededSwitchingKey> byElement) {
        List<List<SealCiphertext>> keys = new ArrayList<>(Collections.nCopies(parameters.degree(), List.of()));
        byElement.forEach((element, key) -> keys.set(KeySwitchKeys.galoisIndex(element), digits(key)));
        return new KeySwitchKeys(chain.keyId(), keys);
    }

    private SwitchingKey switchingKey(List<SealCiphertext> digits) {
        RnsBase base = parameters.ring().extended(parameters.topLevel());
        List<KeyDigit> uploaded = new ArrayList<>();
        for (SealCiphertext digit : digits) {
            long[] residues = digit.expanded(chain);
            uploaded.add(new KeyDigit(backend.upload(base, residues, 0), backend.upload(base, residues, base.words())));
        }
        return new SwitchingKey(parameters, uploaded);
    }

    private List<SealCiphertext> digits(SeededSwitchingKey key) {
        return key.digits().stream()
                .map(digit -> keyObject(digit.body(), digit.seed()))
                .toList();
    }

    private SealCiphertext keyObject(Poly<Eval> body, PublicSeed seed) {
        return new SealCiphertext(keyShape(), residues(List.of(body)), seed);
    }

    private CiphertextShape shape(int level, int size, double scale, boolean seeded) {
        return new CiphertextShape(parameters.parmsId(level), size, parameters.degree(), level + 1, scale, seeded);
    }

    private CiphertextShape keyShape() {
        return new CiphertextShape(chain.keyId(), 2, chain.degree(), chain.keyPrimes(), 1.0, true);
    }

    private long[] residues(List<Poly<Eval>> parts) {
        int words = parts.getFirst().base().words();
        long[] residues = new long[Math.multiplyExact(parts.size(), words)];
        for (int part = 0; part < parts.size(); part++) {
            backend.download(parts.get(part), residues, part * words);
        }
        return residues;
    }
}
