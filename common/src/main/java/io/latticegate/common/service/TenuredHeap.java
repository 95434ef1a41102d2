package io.latticegate.common.service;

import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;

/**
 * Has the serial collector's old generation collected when it has grown by a third. Left alone, that collector takes more
 * memory from the system instead, up to the largest heap: what lives for seconds, such as a connection or a lease, outlives
 * the young generation's collections under load and would fill gigabytes before it is looked at.
 *
 * <p>A collection stops the process for about 2 ms per MiB that lives, so it is done only where little does.
 */
final class TenuredHeap {
    private static final Log LOG = Log.of(TenuredHeap.class);
    private static final long LOOK_MILLIS = 2_000;
    private static final long GROWTH_MIN = 6L << 20;
    private static final long LIVE_MAX = 64L << 20;
    private static final String POOL = "Tenured Gen";

    /** Looks after the old generation; does nothing under another collector than the serial one. */
    static void watch(Vertx vertx) {
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getName().equals(POOL)) {
                vertx.setPeriodic(LOOK_MILLIS, _ -> Thread.startVirtualThread(() -> look(pool)));
            }
        }
    }

    private static void look(MemoryPoolMXBean pool) {
        long used = pool.getUsage().getUsed();
        long live = pool.getCollectionUsage().getUsed();
        if (isDue(used, live)) {
            System.gc();
            LOG.debug(
                    "collected the old generation",
                    LogKey.BYTES.of(used - pool.getCollectionUsage().getUsed()));
        }
    }

    /**
     * Whether a collection is worth its pause.
     *
     * @param used bytes in the old generation
     * @param live bytes that its last collection left, 0 before the first
     */
    static boolean isDue(long used, long live) {
        return live <= LIVE_MAX && used - live >= Math.max(GROWTH_MIN, live / 3);
    }

    private TenuredHeap() {}
}
