package io.latticegate.admin.manage;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.OpsApi.Report;
import io.latticegate.common.value.ServiceRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Asks every service of every node to report. Nobody is told how many there are, so whoever reported within the last minute is
 * waited for, as long as {@link #PATIENCE}; the first call waits as long as that in any case.
 */
final class NodeRoll {
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long REMEMBERED = TimeUnit.MINUTES.toNanos(1);

    /** Most services of all nodes that are remembered; reports beyond that are not read. */
    private static final int SERVICES_MAX = 1_000;

    private final MeshBus bus;
    private final LongSupplier nanoTime;
    private final Map<String, BlockingQueue<Report>> open = new ConcurrentHashMap<>();
    private final Map<Key, Seen> seen = new ConcurrentHashMap<>();

    private record Key(ServiceRole service, String node) {}

    private record Seen(Report report, long atNanos) {}

    /**
     * A service of a node.
     *
     * @param answered whether it has reported now; otherwise {@code report} is its last
     */
    record Presence(Report report, boolean answered) {}

    NodeRoll(MeshBus bus, LongSupplier nanoTime) {
        this.bus = bus;
        this.nanoTime = nanoTime;
        bus.listen(OpsApi.REPORT, this::take);
    }

    private void take(Report report) {
        Key key = new Key(report.service(), report.node());
        if (seen.size() < SERVICES_MAX || seen.containsKey(key)) {
            seen.put(key, new Seen(report, nanoTime.getAsLong()));
            BlockingQueue<Report> waiting = open.get(report.id());
            if (waiting != null) {
                waiting.add(report);
            }
        }
    }

    /** Those that report now, and those that did within a minute and do not; by service and node. */
    List<Presence> call() {
        long begun = nanoTime.getAsLong();
        seen.values().removeIf(one -> begun - one.atNanos() > REMEMBERED);
        Set<Key> awaited = new HashSet<>(seen.keySet());
        boolean knowsNobody = awaited.isEmpty();
        String id = UUID.randomUUID().toString();
        BlockingQueue<Report> arriving = new LinkedBlockingQueue<>();
        List<Report> answers = new ArrayList<>();
        open.put(id, arriving);
        try {
            bus.publish(OpsApi.ROLL_CALL, new OpsApi.RollCall(id));
            long left = PATIENCE;
            while (left > 0 && (knowsNobody || !awaited.isEmpty())) {
                Report report = arriving.poll(left, TimeUnit.NANOSECONDS);
                if (report != null) {
                    answers.add(report);
                    awaited.remove(new Key(report.service(), report.node()));
                }
                left = PATIENCE - (nanoTime.getAsLong() - begun);
            }
            arriving.drainTo(answers);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw Refused.unavailable("admin-service is stopping");
        } finally {
            open.remove(id);
        }
        List<Presence> all = new ArrayList<>();
        answers.forEach(report -> all.add(new Presence(report, true)));
        for (Key silent : awaited) {
            Seen last = seen.get(silent);
            if (last != null && answers.stream().noneMatch(one -> keyOf(one).equals(silent))) {
                all.add(new Presence(last.report(), false));
            }
        }
        all.sort(Comparator.comparing((Presence one) -> one.report().service())
                .thenComparing(one -> one.report().node()));
        return all;
    }

    private static Key keyOf(Report report) {
        return new Key(report.service(), report.node());
    }
}
