package io.latticegate.fhe.core.privacy;

import io.latticegate.fhe.core.key.PublicKey;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;

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

    /**
     * The last digit of a relinearisation or Galois key: it encrypts P·g·s', and g is 0 modulo the primes of all other
     * digits, P modulo the special ones. So it is an encryption of zero below the primes of the last digit.
     *
     * @throws IllegalArgumentException where there is only one digit
     */
    public static ZeroEncryptionKey of(SwitchingKey key) {
        CkksParameters parameters = key.parameters();
        Ring ring = parameters.ring();
        int digits = key.digits().size();
        if (digits < 2) {
            throw new IllegalArgumentException("the keys of " + parameters
                    + " have one digit, which is nowhere an encryption of zero; allowed are keys of two or more digits,"
                    + " or a public key");
        }
        KeyDigit last = key.digits().getLast();
        return new ZeroEncryptionKey(parameters, last.body(), last.mask(), (digits - 1) * ring.digitPrimes() - 1);
    }
}
