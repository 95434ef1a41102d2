package io.latticegate.fhe.core.key;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.List;

/**
 * Turns multiples of some s' into multiples of the secret s: for relinearisation s' = s², for a rotation s(X^g). It is
 * public to the service, and hides s under the assumption that ring learning with errors is hard (circular security
 * included: see docs/fhe.md).
 *
 * @param digits one for each digit of the top level, over all primes
 */
public record SwitchingKey(CkksParameters parameters, List<KeyDigit> digits) implements AutoCloseable {
    public SwitchingKey {
        digits = List.copyOf(digits);
        int expected = parameters.ring().digits(parameters.topLevel()).size();
        if (digits.size() != expected) {
            throw new IllegalArgumentException(
                    "a switching key of " + digits.size() + " digits; " + parameters + " has " + expected);
        }
        RnsBase all = parameters.ring().extended(parameters.topLevel());
        for (KeyDigit digit : digits) {
            if (digit.body().base() != all || digit.mask().base() != all) {
                throw new IllegalArgumentException("a key's digit is not over all primes of " + parameters);
            }
        }
    }

    @Override
    public void close() {
        for (KeyDigit digit : digits) {
            digit.body().close();
            digit.mask().close();
        }
    }
}
