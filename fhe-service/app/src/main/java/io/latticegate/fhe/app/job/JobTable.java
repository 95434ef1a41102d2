package io.latticegate.fhe.app.job;

import io.latticegate.fhe.app.http.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Jobs by owner and id: those that have not ended, and for ten minutes those that have, at most 1,000 of an owner. */
public final class JobTable {
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final int KEPT_MAX = 1_000;

    private final InstantSource clock;
    private final Map<String, LinkedHashMap<String, Job>> byOwner = new HashMap<>();

    JobTable(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void add(Job job) {
        LinkedHashMap<String, Job> own = byOwner.computeIfAbsent(job.owner(), _ -> new LinkedHashMap<>());
        forget(own);
        if (own.containsKey(job.id())) {
            throw Refusal.invalid(
                    "A job of this name is known; names can be used again 10 minutes after the job's end");
        }
        own.put(job.id(), job);
    }

    /** @throws Refusal 404 where the owner has no such job */
    public synchronized Job require(String owner, String id) {
        LinkedHashMap<String, Job> own = byOwner.get(owner);
        if (own != null) {
            forget(own);
            Job job = own.get(id);
            if (job != null) {
                return job;
            }
        }
        throw Refusal.notFound("job");
    }

    /** Forgets jobs that ended long ago; call now and then. */
    public synchronized void forgetOld() {
        byOwner.values().forEach(this::forget);
        byOwner.values().removeIf(Map::isEmpty);
    }

    synchronized List<Job> all() {
        List<Job> all = new ArrayList<>();
        byOwner.values().forEach(own -> all.addAll(own.values()));
        return all;
    }

    private void forget(Map<String, Job> own) {
        Instant limit = clock.instant().minus(KEPT);
        int[] surplus = {own.size() - KEPT_MAX};
        own.values().removeIf(job -> {
            Instant ended = job.endedAt();
            if (ended != null && (ended.isBefore(limit) || surplus[0] > 0)) {
                surplus[0]--;
                return true;
            }
            return false;
        });
    }
}
