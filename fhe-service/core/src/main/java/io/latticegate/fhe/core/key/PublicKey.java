package io.latticegate.fhe.core.key;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;

/** An encryption of zero over all primes, with which anybody can encrypt. {@code seed} is that of the mask. */
public record PublicKey(CkksParameters parameters, Poly<Eval> body, Poly<Eval> mask, PublicSeed seed)
        implements AutoCloseable {
    @Override
    public void close() {
        body.close();
        mask.close();
    }
}
