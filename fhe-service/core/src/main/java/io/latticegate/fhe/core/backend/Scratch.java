package io.latticegate.fhe.core.backend;

import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Work space for transforms of one degree. Lent to one call at a time; what was used is wiped when it is given back. */
final class Scratch implements AutoCloseable {
    private final Shelf home;
    private final double[] reals;
    private final Limb first;
    private final Limb second;
    private boolean realsUsed;
    private boolean firstUsed;
    private boolean secondUsed;

    private Scratch(Shelf home, int degree) {
        this.home = home;
        this.reals = new double[degree];
        this.first = new Limb(new long[degree], 0, degree);
        this.second = new Limb(new long[degree], 0, degree);
    }

    double[] reals() {
        realsUsed = true;
        return reals;
    }

    Limb first() {
        firstUsed = true;
        return first;
    }

    Limb second() {
        secondUsed = true;
        return second;
    }

    @Override
    public void close() {
        if (realsUsed) {
            Arrays.fill(reals, 0);
        }
        if (firstUsed) {
            Arrays.fill(first.words(), 0);
        }
        if (secondUsed) {
            Arrays.fill(second.words(), 0);
        }
        realsUsed = false;
        firstUsed = false;
        secondUsed = false;
        home.free.offer(this);
    }

    /** The work spaces of one degree that nobody uses now: no more than calls ever ran at once, and at most 64. */
    static final class Shelf {
        private static final int FREE_MAX = 64;

        private final int degree;
        private final BlockingQueue<Scratch> free = new ArrayBlockingQueue<>(FREE_MAX);

        Shelf(int degree) {
            this.degree = degree;
        }

        Scratch take() {
            Scratch scratch = free.poll();
            return scratch == null ? new Scratch(this, degree) : scratch;
        }
    }
}
