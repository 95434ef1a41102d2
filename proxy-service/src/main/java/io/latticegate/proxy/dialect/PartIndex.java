package io.latticegate.proxy.dialect;

/**
 * Numbers the parts of an answer for a protocol that does not: text that is interrupted by another kind of part goes on in
 * a new part, so that only tool calls ever interleave.
 */
public final class PartIndex {
    /** The most parts that one answer may have. */
    public static final int PARTS_MAX = 4_096;

    /** The kinds of running text. */
    public enum Running {
        NONE,
        TEXT,
        REASONING
    }

    private int used;
    private Running running = Running.NONE;

    /** The index for more text of this kind. */
    public int ofRunning(Running kind) {
        if (running != kind) {
            running = kind;
            used++;
        }
        return used - 1;
    }

    /** The index of a new part that is no running text. */
    public int ofNew() {
        running = Running.NONE;
        return used++;
    }

    /** What follows begins a new part, also when it is of the same kind. */
    public void interrupt() {
        running = Running.NONE;
    }

    /** Whether the answer has more parts than are followed. */
    public boolean overflowed() {
        return used > PARTS_MAX;
    }
}
