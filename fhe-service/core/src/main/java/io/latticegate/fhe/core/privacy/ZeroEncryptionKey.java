package io.latticegate.fhe.core.privacy;

import io.latticegate.fhe.core.key.PublicKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;

/**
 * An encryption of zero under a client's key, of which a service makes fresh ones without knowing the key. The
 * polynomials belong to the key that this was taken from.
 *
 * @param body −(a·s + e) modulo q_0 … q_level and the special primes; modulo other primes it may be something else
 * @param mask a
 * @param level up to which it can be used
 */
public record ZeroEncryptionKey(CkksParameters parameters, Poly<Eval> body, Poly<Eval> mask, int level) {
    /** A public key serves at every level. */
    public static ZeroEncryptionKey of(PublicKey key) {
        return new ZeroEncryptionKey(
                key.parameters(), key.body(), key.mask(), key.parameters().topLevel());
    }
}
