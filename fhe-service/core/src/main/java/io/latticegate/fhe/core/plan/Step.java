package io.latticegate.fhe.core.plan;

import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.linear.LinearTransform;

/** How one vector of a circuit comes from earlier ones, which are given by number. */
sealed interface Step {
    /** The input of this position. */
    record Input(int position) implements Step {}

    record Add(int a, int b) implements Step {}

    record Subtract(int a, int b) implements Step {}

    record AddPlain(int a, Plaintext b) implements Step {}

    /** The product with a plaintext, rescaled. */
    record MultiplyPlain(int a, Plaintext b) implements Step {}

    /** The product, relinearised and rescaled. */
    record Multiply(int a, int b) implements Step {}

    record Rotate(int a, int steps) implements Step {}

    record Conjugate(int a) implements Step {}

    record Transform(int a, LinearTransform transform) implements Step {}

    /** The same vector at a lower level. */
    record Lower(int a, int level) implements Step {}

    /** The numbers of the vectors that this step takes. */
    default int[] operands() {
        return switch (this) {
            case Input _ -> new int[0];
            case Add(int a, int b) -> new int[] {a, b};
            case Subtract(int a, int b) -> new int[] {a, b};
            case AddPlain(int a, Plaintext _) -> new int[] {a};
            case MultiplyPlain(int a, Plaintext _) -> new int[] {a};
            case Multiply(int a, int b) -> new int[] {a, b};
            case Rotate(int a, int _) -> new int[] {a};
            case Conjugate(int a) -> new int[] {a};
            case Transform(int a, LinearTransform _) -> new int[] {a};
            case Lower(int a, int _) -> new int[] {a};
        };
    }
}
