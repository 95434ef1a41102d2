package io.latticegate.proxy;

import com.sun.management.ThreadMXBean;
import io.latticegate.common.telemetry.DerivedMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.RuntimeMXBean;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The names under which earlier gateways counted the same things, so that their dashboards go on (docs/telemetry.md lists
 * them). All are computed from the gateway's own metrics, or asked of the JVM, when somebody reads them.
 */
final class SeedMetrics {
    private static final String REQUESTS = "gateway_requests";
    private static final String ERRORS = "gateway_errors";
    private static final String DURATION = "gateway_request_duration_seconds";
    private static final int ERROR_STATUS_MIN = 400;
    private static final double MILLIS_PER_SECOND = 1_000;

    static void register(PrometheusMeterRegistry metrics) {
        DerivedMetrics.Builder derived = DerivedMetrics.of(metrics.getPrometheusRegistry());
        requests(derived);
        runtime(derived);
        derived.register();
    }

    private static void requests(DerivedMetrics.Builder derived) {
        derived.histogram("llm_request_duration_seconds", "Duration of requests on all surfaces", DURATION)
                .counter("llm_proxy_requests", "Requests that have ended", REQUESTS, all -> true)
                .counter(
                        "llm_proxy_errors",
                        "Requests answered with a status of 400 or more",
                        REQUESTS,
                        SeedMetrics::isError)
                .counter("llm_proxy_cache_hits", "Requests answered from the cache", "gateway_cache_hits", all -> true)
                .counter(
                        "llm_proxy_cache_misses",
                        "Requests that the cache had no answer for",
                        "gateway_cache_misses",
                        all -> true)
                .counter("llm_proxy_cache_stores", "Answers that were kept", "gateway_cache_stores", all -> true)
                .difference(
                        "llm_proxy_cache_bypass",
                        "Requests that no answer was looked for in the cache",
                        REQUESTS,
                        "gateway_cache_hits",
                        "gateway_cache_misses")
                .counter(
                        "requests_success",
                        "Requests answered with a status below 400",
                        REQUESTS,
                        labels -> !isError(labels))
                .histogram("requests_duration_seconds", "Duration of requests on all surfaces", DURATION)
                .counter("tokens_used", "Tokens of prompts and answers", "gateway_tokens", all -> true)
                .counterBy("type", "requests_error", "Requests that were refused or failed, by why", ERRORS);
    }

    private static boolean isError(Labels labels) {
        String status = labels.get("status");
        return status != null && Integer.parseInt(status) >= ERROR_STATUS_MIN;
    }

    private static void runtime(DerivedMetrics.Builder derived) {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        derived.gauge(
                        "llm_proxy_uptime_seconds",
                        "Time since the process began",
                        () -> runtime.getUptime() / MILLIS_PER_SECOND)
                .gauge(
                        "llm_proxy_goroutines",
                        "Live platform threads, which is what a JVM has for goroutines",
                        () -> ManagementFactory.getThreadMXBean().getThreadCount())
                .gauge(
                        "llm_proxy_memory_heap_alloc_bytes",
                        "Heap in use",
                        () -> memory.getHeapMemoryUsage().getUsed())
                .gauge(
                        "llm_proxy_memory_heap_inuse_bytes",
                        "Heap in use",
                        () -> memory.getHeapMemoryUsage().getUsed())
                .gauge(
                        "llm_proxy_memory_heap_sys_bytes",
                        "Heap obtained from the operating system",
                        () -> memory.getHeapMemoryUsage().getCommitted())
                .gauge(
                        "llm_proxy_memory_heap_idle_bytes",
                        "Heap obtained from the operating system and not in use",
                        () -> Math.max(
                                0,
                                memory.getHeapMemoryUsage().getCommitted()
                                        - memory.getHeapMemoryUsage().getUsed()))
                .gauge(
                        "llm_proxy_memory_sys_bytes",
                        "Memory that the JVM has obtained from the operating system",
                        () -> memory.getHeapMemoryUsage().getCommitted()
                                + memory.getNonHeapMemoryUsage().getCommitted())
                .gauge(
                        "llm_proxy_memory_total_alloc_bytes",
                        "Bytes allocated on the heap since the process began; only grows",
                        SeedMetrics::allocatedBytes)
                .counter(
                        "llm_proxy_gc_runs",
                        "Garbage collections",
                        () -> sum(GarbageCollectorMXBean::getCollectionCount))
                .gauge(
                        "llm_proxy_gc_pause_total_seconds",
                        "Time spent in garbage collections since the process began; only grows",
                        () -> sum(GarbageCollectorMXBean::getCollectionTime) / MILLIS_PER_SECOND);
    }

    private static double allocatedBytes() {
        return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                ? threads.getTotalThreadAllocatedBytes()
                : 0;
    }

    private static double sum(ToLongFunction<GarbageCollectorMXBean> figure) {
        List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
        return collectors.stream().mapToLong(figure).filter(one -> one > 0).sum();
    }

    private SeedMetrics() {}
}
