package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.Ring;
import java.util.List;

/** The constants of conversions between bases, in the order in which rns_convert reads them. */
final class Conversions {
    /**
     * For each prime of a ring in turn S/s_j modulo that prime, for each source prime s_j: the constants of prime t begin at
     * t · {@link BaseConversion#sourceCount}.
     */
    static long[] cofactors(BaseConversion conversion, Ring ring) {
        int primes = ring.dataCount() + ring.specialCount();
        int sources = conversion.sourceCount();
        long[] words = new long[primes * sources];
        for (int prime = 0; prime < primes; prime++) {
            for (int j = 0; j < sources; j++) {
                words[prime * sources + j] = conversion.cofactor(j, prime);
            }
        }
        return words;
    }

    /** The constants of several conversions, one after another. */
    static long[] cofactors(List<BaseConversion> conversions, Ring ring) {
        long[][] each = conversions.stream()
                .map(conversion -> cofactors(conversion, ring))
                .toArray(long[][]::new);
        int length = 0;
        for (long[] words : each) {
            length += words.length;
        }
        long[] all = new long[length];
        int at = 0;
        for (long[] words : each) {
            System.arraycopy(words, 0, all, at, words.length);
            at += words.length;
        }
        return all;
    }

    private Conversions() {}
}
