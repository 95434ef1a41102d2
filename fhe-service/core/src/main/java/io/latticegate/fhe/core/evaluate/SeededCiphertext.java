package io.latticegate.fhe.core.evaluate;

import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.util.List;

/** A symmetric ciphertext of half the size: c_1 by its seed. */
public record SeededCiphertext(CkksParameters parameters, double scale, Poly<Eval> body, PublicSeed seed) {
    /** The whole ciphertext; it takes over the body. */
    public Ciphertext expand(RnsBackend backend) {
        return new Ciphertext(parameters, scale, List.of(body, SeededSwitchingKey.uniform(backend, body.base(), seed)));
    }
}
