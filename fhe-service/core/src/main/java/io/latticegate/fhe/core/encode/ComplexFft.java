package io.latticegate.fhe.core.encode;

/**
 * The values of a real polynomial at the odd powers of ζ = exp(πi/N), in bit-reversed order like the transforms modulo
 * primes ({@link io.latticegate.fhe.core.ring.NttTables}), and back.
 */
final class ComplexFft {
    private final int degree;
    /** ζ^rev(i), real and imaginary parts. */
    private final double[] cosines;

    private final double[] sines;

    ComplexFft(int degree) {
        this.degree = degree;
        this.cosines = new double[degree];
        this.sines = new double[degree];
        int shift = Integer.SIZE - Integer.numberOfTrailingZeros(degree);
        for (int i = 0; i < degree; i++) {
            double angle = Math.PI * (Integer.reverse(i) >>> shift) / degree;
            cosines[i] = Math.cos(angle);
            sines[i] = Math.sin(angle);
        }
    }

    /** In place; the real polynomial's imaginary parts are zero at first. */
    void forward(double[] real, double[] imaginary) {
        for (int groups = 1, gap = degree / 2; gap > 0; groups *= 2, gap /= 2) {
            for (int group = 0; group < groups; group++) {
                double c = cosines[groups + group];
                double s = sines[groups + group];
                int start = group * 2 * gap;
                for (int i = start; i < start + gap; i++) {
                    double x = real[i + gap] * c - imaginary[i + gap] * s;
                    double y = real[i + gap] * s + imaginary[i + gap] * c;
                    real[i + gap] = real[i] - x;
                    imaginary[i + gap] = imaginary[i] - y;
                    real[i] += x;
                    imaginary[i] += y;
                }
            }
        }
    }

    /** In place; without the factor 1/N. */
    void inverse(double[] real, double[] imaginary) {
        for (int groups = degree / 2, gap = 1; groups > 0; groups /= 2, gap *= 2) {
            for (int group = 0; group < groups; group++) {
                double c = cosines[groups + group];
                double s = sines[groups + group];
                int start = group * 2 * gap;
                for (int i = start; i < start + gap; i++) {
                    double x = real[i] - real[i + gap];
                    double y = imaginary[i] - imaginary[i + gap];
                    real[i] += real[i + gap];
                    imaginary[i] += imaginary[i + gap];
                    real[i + gap] = x * c + y * s;
                    imaginary[i + gap] = y * c - x * s;
                }
            }
        }
    }
}
