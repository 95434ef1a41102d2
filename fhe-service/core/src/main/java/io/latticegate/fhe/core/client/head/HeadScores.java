package io.latticegate.fhe.core.client.head;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import java.util.Arrays;

/**
 * The scores of a head, decrypted. They hold the noise of their ciphertext: what is shared with others are decisions, such
 * as {@link #best}, or rounded numbers, and never the scores as they are.
 *
 * @param values one for each label; not to be changed
 */
public record HeadScores(double[] values) {
    public HeadScores {
        if (values.length == 0) {
            throw new IllegalArgumentException("no scores; allowed is one or more");
        }
        values = values.clone();
    }

    /** The scores in the first slots of what was decrypted. */
    public static HeadScores decode(Encoder encoder, Plaintext decrypted, int outputs) {
        double[] slots = encoder.decode(decrypted).real();
        if (outputs < 1 || outputs > slots.length) {
            throw new IllegalArgumentException(outputs + " scores; allowed are 1 to " + slots.length);
        }
        return new HeadScores(Arrays.copyOf(slots, outputs));
    }

    /** The index of the greatest score, the first of equal ones. */
    public int best() {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    /** exp(score) by the sum of all of them: for a model that was trained with cross entropy, probabilities. */
    public double[] softmax() {
        double greatest = values[best()];
        double[] shares =
                Arrays.stream(values).map(value -> Math.exp(value - greatest)).toArray();
        double sum = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(share -> share / sum).toArray();
    }
}
