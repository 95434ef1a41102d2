package io.latticegate.fhe.core.head;

/** What a layer does with each of its sums: a polynomial, since nothing else can be computed on ciphertexts. */
public sealed interface Activation {
    /** Nothing. */
    record None() implements Activation {}

    /** x². */
    record Square() implements Activation {}

    /** Σ c_i·x^i, by its coefficients c_0 …, which are not to be changed. */
    record Polynomial(double[] coefficients) implements Activation {
        public Polynomial {
            coefficients = coefficients.clone();
        }
    }

    /** The number of levels that it takes. */
    default int depth() {
        return switch (this) {
            case None _ -> 0;
            case Square _ -> 1;
            case Polynomial(double[] coefficients) ->
                Integer.SIZE - Integer.numberOfLeadingZeros(coefficients.length - 1);
        };
    }

    /** Its value. */
    default double of(double x) {
        return switch (this) {
            case None _ -> x;
            case Square _ -> x * x;
            case Polynomial(double[] coefficients) -> {
                double value = 0;
                for (int i = coefficients.length - 1; i >= 0; i--) {
                    value = value * x + coefficients[i];
                }
                yield value;
            }
        };
    }

    /** No magnitude of a value is greater where that of the argument is at most {@code bound}. */
    default double bound(double bound) {
        return switch (this) {
            case None _ -> bound;
            case Square _ -> bound * bound;
            case Polynomial(double[] coefficients) -> {
                double sum = 0;
                for (int i = coefficients.length - 1; i >= 0; i--) {
                    sum = sum * bound + Math.abs(coefficients[i]);
                }
                yield sum;
            }
        };
    }
}
