package io.latticegate.bench.hold;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;

/** Asks {@code /health} ten times a second, as a load balancer with little patience would, until it is closed. */
public final class HealthProbe implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int DIGITS = 3;

    private final Histogram answers = new SynchronizedHistogram(TimeUnit.MINUTES.toNanos(1), DIGITS);
    private final URI target;
    private final Thread thread;
    private volatile boolean closed;
    private final AtomicInteger failures = new AtomicInteger();

    private HealthProbe(int port) {
        target = URI.create("http://127.0.0.1:" + port + "/health");
        thread = Thread.ofPlatform().daemon().name("health-probe").unstarted(this::probe);
    }

    /** @param wanted false for a server that has no such endpoint: asks nothing */
    public static HealthProbe start(int port, boolean wanted) {
        HealthProbe probe = new HealthProbe(port);
        if (wanted) {
            probe.thread.start();
        }
        return probe;
    }

    private void probe() {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(DEADLINE)
                .build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(target).timeout(DEADLINE).build();
            while (!closed) {
                long start = System.nanoTime();
                try {
                    if (client.send(request, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            != 200) {
                        failures.incrementAndGet();
                    }
                    answers.recordValue(System.nanoTime() - start);
                } catch (IOException fault) {
                    failures.incrementAndGet();
                } catch (InterruptedException ended) {
                    return;
                }
                LockSupport.parkNanos(PERIOD.toNanos());
            }
        }
    }

    /** How many answers there were, how long they took, and how many did not come or were bad. */
    public String summary() {
        return "%d answers, p50 %.1f ms, p99 %.1f ms, max %.1f ms, %d failed"
                .formatted(
                        answers.getTotalCount(),
                        answers.getValueAtPercentile(50) / 1e6,
                        answers.getValueAtPercentile(99) / 1e6,
                        answers.getMaxValue() / 1e6,
                        failures.get());
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
