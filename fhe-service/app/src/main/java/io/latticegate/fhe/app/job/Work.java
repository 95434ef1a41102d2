package io.latticegate.fhe.app.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a job computes. Runs on one thread of a {@link JobQueue}. */
public interface Work {
    /** What kind, for metrics and clients, for example {@code ops}. */
    String kind();

    /**
     * Jobs whose works have equal keys may run in one go: those that wait when a worker is free, in their order. Null: each
     * alone.
     */
    default @Nullable Object batchKey() {
        return null;
    }

    /** The most jobs to run in one go. */
    default int batchMax() {
        return 1;
    }

    /**
     * Computes for all of {@code jobs}, whose works have this one's key and of which the first has this work. Checks
     * {@link Job#requireLive} or {@link Job#live} between steps. A job that was neither {@linkplain Job#fail failed} nor
     * cancelled when this returns is done.
     *
     * @throws io.latticegate.fhe.app.http.Refusal for all jobs that have not ended
     */
    void run(List<Job> jobs);
}
