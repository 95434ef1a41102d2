package io.latticegate.fhe.app.job;

import io.latticegate.fhe.app.http.Refusal;

/** How much of a fixed amount of memory is set aside. */
final class Memory {
    private final long bytesMax;
    private long taken;

    Memory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    long bytesMax() {
        return bytesMax;
    }

    synchronized long taken() {
        return taken;
    }

    synchronized void take(long bytes) {
        if (bytes > bytesMax - taken) {
            throw Refusal.overloaded("Jobs hold " + taken + " of " + bytesMax + " bytes; this one needs " + bytes);
        }
        taken += bytes;
    }

    synchronized void giveBack(long bytes) {
        taken -= bytes;
    }
}
