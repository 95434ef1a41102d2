package io.latticegate.fhe.core.key;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.UniformResidues;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.List;
import java.util.stream.IntStream;

/** A switching key of half the size: the uniform polynomials by their seeds. */
public record SeededSwitchingKey(CkksParameters parameters, List<Digit> digits) {
    /** A digit's body, over all primes, and the seed of its mask. */
    public record Digit(Poly<Eval> body, PublicSeed seed) {}

    public SeededSwitchingKey {
        digits = List.copyOf(digits);
    }

    /** The whole key; it takes over the bodies. */
    public SwitchingKey expand(RnsBackend backend) {
        return new SwitchingKey(
                parameters,
                digits.stream()
                        .map(digit -> new KeyDigit(
                                digit.body(), uniform(backend, digit.body().base(), digit.seed())))
                        .toList());
    }

    /** The polynomial of a public seed, uniform modulo each prime of a base and in evaluation form as it stands. */
    public static Poly<Eval> uniform(RnsBackend backend, RnsBase base, PublicSeed seed) {
        long[] residues = new long[base.words()];
        long[] primes = IntStream.range(0, base.size())
                .mapToLong(i -> base.modulus(i).value())
                .toArray();
        UniformResidues.expand(seed, base.ring().degree(), primes, residues, 0);
        return backend.upload(base, residues, 0);
    }
}
