package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import java.util.Arrays;

/**
 * An encoded plaintext of a data level, in NTT form.
 *
 * @param parmsId the level
 * @param scale the factor that the encoded values carry
 * @param residues prime by prime, N of them each. Not copied.
 */
public record SealPlaintext(ParmsId parmsId, double scale, long[] residues) {
    @Override
    public boolean equals(Object other) {
        return other instanceof SealPlaintext that
                && parmsId.equals(that.parmsId)
                && scale == that.scale
                && Arrays.equals(residues, that.residues);
    }

    @Override
    public int hashCode() {
        return 31 * parmsId.hashCode() + Arrays.hashCode(residues);
    }

    @Override
    public String toString() {
        return "SealPlaintext[" + parmsId + ", scale " + scale + "]";
    }
}
