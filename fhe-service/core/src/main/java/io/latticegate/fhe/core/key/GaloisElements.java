package io.latticegate.fhe.core.key;

/** The automorphisms X → X^g that move slots. */
public final class GaloisElements {
    /** Slot j is the value at ζ^(3^j), as in Microsoft SEAL. */
    private static final int GENERATOR = 3;

    /**
     * The element that moves slot j + step to slot j, cyclically.
     *
     * @param degree N
     * @param step from −(N/2 − 1) to N/2 − 1, not 0; positive to the left
     */
    public static int rotation(int degree, int step) {
        int slots = degree / 2;
        if (step == 0 || step <= -slots || step >= slots) {
            throw new IllegalArgumentException("rotation by " + step + "; allowed are 1 to " + (slots - 1)
                    + " to the left, and as many, negative, to the right");
        }
        long mask = 2L * degree - 1;
        long element = 1;
        for (int i = 0; i < Math.floorMod(step, slots); i++) {
            element = element * GENERATOR & mask;
        }
        return (int) element;
    }

    /** The element that conjugates all slots. */
    public static int conjugation(int degree) {
        return 2 * degree - 1;
    }

    private GaloisElements() {}
}
