package io.latticegate.fhe.core.plan;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.Ring;

/**
 * What each operation adds to the error of a slot, in units of the slot times its scale. Rounding errors and noise are
 * taken as independent with the variances of their distributions; then the value of a polynomial at a root of unity is
 * nearly Gaussian, and above six standard deviations with a probability of exp(−36) (Cheon, Kim, Kim and Song, "Homomorphic
 * Encryption for Arithmetic of Approximate Numbers", 2017, bounds products the same way). The worst case, some thousand
 * times more, is in docs/fhe.md.
 */
record SlotNoise(CkksParameters parameters) {
    private static final double DEVIATIONS = 6;
    private static final double NOISE_VARIANCE = 10.5;
    private static final double SECRET_VARIANCE = 2.0 / 3;
    private static final double ROUNDING_VARIANCE = 1.0 / 12;

    private double value(double variance) {
        return DEVIATIONS * Math.sqrt(parameters.degree() * variance);
    }

    /** Of encoding: each coefficient is rounded. */
    double encoding() {
        return value(ROUNDING_VARIANCE);
    }

    /** Of a ciphertext that a client makes, with its secret or its public key, whichever is more. */
    double fresh() {
        double secret = value(SECRET_VARIANCE);
        double noise = value(NOISE_VARIANCE);
        double byPublicKey = (2 * secret + 1) * noise / special() + divided(specialCount());
        return encoding() + Math.max(noise, byPublicKey);
    }

    /** Of rescaling by one prime. */
    double rescaling() {
        return divided(1);
    }

    /**
     * Of dividing by the product of some primes: both polynomials are rounded, and one is multiplied by the secret. With
     * several primes the quotient is up to that many less one too small, which does not average out.
     */
    private double divided(int primes) {
        double centred = primes * value(ROUNDING_VARIANCE);
        double offset = (primes - 1) / 2.0 * parameters.degree();
        return (centred + offset) * (1 + value(SECRET_VARIANCE));
    }

    /** Of key switching: the digits, at their greatest, by the noise of the keys over P, and the division by P. */
    double keySwitch(int level) {
        Ring ring = parameters.ring();
        double sum = 0;
        for (BaseConversion digit : ring.digits(level)) {
            double size = digit.sourceCount();
            for (int j = 0; j < digit.sourceCount(); j++) {
                size *= ring.tables(digit.source(j)).modulus().value();
            }
            sum += parameters.degree() * size * value(NOISE_VARIANCE) / special();
        }
        return sum + divided(specialCount());
    }

    private int specialCount() {
        return parameters.ring().specialCount();
    }

    private double special() {
        Ring ring = parameters.ring();
        double product = 1;
        for (int i = 0; i < ring.specialCount(); i++) {
            product *= ring.tables(ring.dataCount() + i).modulus().value();
        }
        return product;
    }
}
