package io.latticegate.fhe.core.evaluate;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.Ring;

/**
 * How far a slot can be off, at worst, as docs/fhe.md derives it: a polynomial with coefficients of at most c has slots of
 * at most N·c; noise coefficients are at most 21; secret ones at most 1.
 */
record NoiseBound(CkksParameters parameters, double scale) {
    private static final double NOISE = 21;

    private double degree() {
        return parameters.degree();
    }

    /** Encoding's rounding and one noise polynomial. */
    double fresh() {
        return degree() * (0.5 + NOISE) / scale + 0x1p-38;
    }

    /** The public key's noise by a ternary polynomial, and two more, over P; the roundings; and the encoding. */
    double freshPublic() {
        double p = special();
        double n = degree();
        double encrypted = (n * n * NOISE + n * NOISE + n * n * NOISE) / p;
        return (encrypted + divided() + n / 2) / scale + 0x1p-38;
    }

    /** Two roundings of at most k for k divisors, one of them by the secret. */
    private double divided() {
        double off = parameters.ring().specialCount();
        return degree() * off + degree() * degree() * off;
    }

    private double special() {
        Ring ring = parameters.ring();
        double p = 1;
        for (int i = 0; i < ring.specialCount(); i++) {
            p *= ring.tables(ring.dataCount() + i).modulus().value();
        }
        return p;
    }

    /** Key switching at a level, in units of the scaled slot: the digits by the key's noise over P, and the roundings. */
    double switched(int level) {
        double sum = 0;
        for (BaseConversion digit : parameters.ring().digits(level)) {
            double size = digit.sourceCount();
            for (int j = 0; j < digit.sourceCount(); j++) {
                size *= parameters.ring().tables(digit.source(j)).modulus().value();
            }
            sum += degree() * degree() * NOISE * size / special();
        }
        return sum + divided();
    }

    /** Rescaling, in units of the scaled slot: the rounding of each part, one of them by the secret. */
    double rescaled() {
        return (degree() + degree() * degree()) / 2;
    }
}
