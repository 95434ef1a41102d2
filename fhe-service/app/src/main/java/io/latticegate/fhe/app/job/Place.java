package io.latticegate.fhe.app.job;

import io.latticegate.fhe.app.http.Refusal;

/**
 * Memory set aside for one job: for its operands, for what it computes, and for the answer until the client has taken it. It
 * has several holders, of which whoever reserved it is the first; the last one's {@link #release} gives it back.
 */
public final class Place {
    private final Memory memory;
    private long bytes;
    private int holders = 1;

    Place(Memory memory, long bytes) {
        memory.take(bytes);
        this.memory = memory;
        this.bytes = bytes;
    }

    /**
     * Sets another amount aside instead.
     *
     * @throws Refusal 503 where there is not as much; what was set aside stays. 422 where there never is
     */
    public synchronized void resize(long wanted) {
        if (wanted > memory.bytesMax()) {
            throw Refusal.of(
                    422,
                    "circuit_refused",
                    "The job needs " + wanted + " bytes of memory; allowed are " + memory.bytesMax());
        }
        if (wanted > bytes) {
            memory.take(wanted - bytes);
        } else {
            memory.giveBack(bytes - wanted);
        }
        bytes = wanted;
    }

    /** A further holder. */
    public synchronized void hold() {
        holders++;
    }

    /** Lets go; each holder once. */
    public synchronized void release() {
        holders--;
        if (holders == 0) {
            memory.giveBack(bytes);
        }
    }
}
