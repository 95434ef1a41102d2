package io.latticegate.fhe.core.head;

/**
 * Which number of a vector is in which slot. The vector, filled up with zeros to {@code period}, is repeated over all slots;
 * in each block of {@code block} slots it begins {@code shift} numbers later than in the block before, and after
 * {@code turns} blocks anew. So one product with a plaintext reaches {@code turns} times as many weights as without shifts.
 *
 * @param slots all slots of the parameter set
 * @param input numbers in the vector
 */
public record InputPacking(int slots, int input, int period, int block, int shift, int turns) {
    public InputPacking {
        requirePowerOfTwo("slots", slots, 1, 1 << 16);
        requirePowerOfTwo("period", period, 1, slots);
        requirePowerOfTwo("block", block, period, slots);
        requirePowerOfTwo("turns", turns, 1, slots / block);
        requirePowerOfTwo("shift", shift, 1, period);
        if (input < 1 || input > period) {
            throw new IllegalArgumentException("input is " + input + "; allowed are 1 to the period, " + period);
        }
    }

    /** A vector that is repeated, without shifts. */
    static InputPacking periodic(int slots, int input) {
        int period = powerOfTwo(input);
        return new InputPacking(slots, input, period, period, 1, 1);
    }

    /** The packing with which a matrix of this many rows takes the fewest products; see docs/fhe.md. */
    static InputPacking shifted(int slots, int input, int rows) {
        int period = powerOfTwo(input);
        int block = Math.max(period, powerOfTwo(rows));
        int least = Math.min(period, powerOfTwo(rows));
        int turns = Math.min(slots / block, least);
        return new InputPacking(slots, input, period, block, least / turns, turns);
    }

    /** The least power of two that is not smaller. */
    static int powerOfTwo(int value) {
        return value == 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
    }

    private static void requirePowerOfTwo(String what, int value, int least, int greatest) {
        if (Integer.bitCount(value) != 1 || value < least || value > greatest) {
            throw new IllegalArgumentException(
                    what + " is " + value + "; allowed are the powers of two from " + least + " to " + greatest);
        }
    }

    /** The index in the vector of what a slot holds; where it is not below {@link #input}, the slot holds zero. */
    public int column(int slot) {
        return (slot + shift * (slot / block % turns)) % period;
    }

    /** The slots of a vector. */
    public double[] pack(double[] vector) {
        if (vector.length != input) {
            throw new IllegalArgumentException("the vector has " + vector.length + " numbers; allowed are " + input);
        }
        double[] packed = new double[slots];
        for (int slot = 0; slot < slots; slot++) {
            int column = column(slot);
            packed[slot] = column < input ? vector[column] : 0;
        }
        return packed;
    }
}
