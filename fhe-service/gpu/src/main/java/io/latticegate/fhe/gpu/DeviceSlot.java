package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.BackendUnavailableException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a device is: it is opened once at the start, and again when it has failed, at most once in {@value #RETRY_SECONDS}
 * seconds. Safe for use by several threads.
 */
final class DeviceSlot implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceSlot.class);
    private static final int RETRY_SECONDS = 5;
    private static final long RETRY_NANOS = RETRY_SECONDS * 1_000_000_000L;

    /** What tasks may wait in a lane. */
    static final int WAITING_MAX = 4_096;

    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final Supplier<Driver> opener;
    private final long memoryBytes;
    private final BiFunction<Modulus, Device, Form> forms;
    private final LongSupplier nanoTime;
    private final Lane lane;
    private final Device device;
    private volatile @Nullable Engine engine;
    private volatile String lastFailure = "";
    private final AtomicLong failures = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private long triedAt;

    /**
     * @param opener opens the device; called on the lane, and throws {@link DeviceException} where it cannot
     * @param memoryBytes of the device that may be used
     * @throws DeviceException where the device cannot be opened
     */
    DeviceSlot(
            Supplier<Driver> opener, long memoryBytes, BiFunction<Modulus, Device, Form> forms, LongSupplier nanoTime) {
        this.opener = opener;
        this.memoryBytes = memoryBytes / Slab.ALIGNMENT * Slab.ALIGNMENT;
        this.forms = forms;
        this.nanoTime = nanoTime;
        this.lane = new Lane("fhe-gpu", WAITING_MAX, PATIENCE_NANOS, this::failed);
        boolean opened = false;
        try {
            Engine first = lane.call(this::open);
            this.engine = first;
            this.device = first.device();
            opened = true;
        } catch (BackendUnavailableException refused) {
            throw refused.getCause() instanceof DeviceException reason
                    ? reason
                    : new DeviceException("the device has no room for what is kept on it", refused);
        } finally {
            if (!opened) {
                lane.close();
            }
        }
    }

    private Engine open() {
        Driver driver = opener.get();
        boolean opened = false;
        try {
            Engine made = new Engine(driver, lane, memoryBytes, forms);
            opened = true;
            return made;
        } finally {
            if (!opened) {
                driver.close();
            }
        }
    }

    /** Called on the lane. */
    private void failed(DeviceException cause) {
        Engine broken = engine;
        lastFailure = Objects.requireNonNullElse(cause.getMessage(), "the device failed");
        failures.incrementAndGet();
        if (broken != null && !broken.failed()) {
            LOG.error("the device failed; what it computed is lost", cause);
            broken.fail(cause);
        }
    }

    Device device() {
        return device;
    }

    /**
     * The device, opened again if it has failed.
     *
     * @throws BackendUnavailableException where that does not work, or is not tried yet
     */
    Engine engine() {
        Engine current = engine;
        if (current != null && !current.failed()) {
            return current;
        }
        return reopened();
    }

    private synchronized Engine reopened() {
        Engine broken = engine;
        if (broken != null && !broken.failed()) {
            return broken;
        }
        long now = nanoTime.getAsLong();
        if (failures.get() > 1 && now - triedAt < RETRY_NANOS) {
            throw new BackendUnavailableException("the device failed: " + lastFailure);
        }
        triedAt = now;
        Engine opened = lane.call(() -> {
            if (broken != null) {
                engine = null;
                broken.driver().close();
            }
            return open();
        });
        engine = opened;
        LOG.warn("the device was opened again");
        return opened;
    }

    GpuStatus status() {
        Engine current = engine;
        if (current == null || current.failed()) {
            return new GpuStatus(device, false, lastFailure, memoryBytes, 0, 0, 0, lane.waiting(), failures.get());
        }
        return new GpuStatus(
                device,
                true,
                lastFailure,
                memoryBytes,
                current.slab().used(),
                current.slab().peak(),
                current.views().bytes(),
                lane.waiting(),
                failures.get());
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        lane.close(() -> {
            Engine current = engine;
            if (current != null) {
                engine = null;
                current.driver().close();
            }
        });
    }
}
