package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.BackendUnavailableException;
import io.latticegate.fhe.core.ring.Ring;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A device from when it is opened until it fails or is given back, with its memory and what is kept there for all operations.
 * After a failure nothing that it holds is of use: every call is refused, and a new engine is opened.
 */
final class Engine {
    private final Driver driver;
    private final Lane lane;
    private final Slab slab;
    private final long base;
    private final Map<Kernel, Long> kernels = new EnumMap<>(Kernel.class);
    private final ConcurrentMap<Ring, RingTables> rings = new ConcurrentHashMap<>();
    private final ResidentViews views;
    private final BiFunction<Modulus, Device, Form> forms;
    private final Queue<Block> unerased = new ConcurrentLinkedQueue<>();
    private volatile @Nullable DeviceException failure;

    /**
     * Called on the lane.
     *
     * @param memoryBytes of the device that are used, all of them from now on
     * @param forms which form a prime gets
     */
    Engine(Driver driver, Lane lane, long memoryBytes, BiFunction<Modulus, Device, Form> forms) {
        this.driver = driver;
        this.lane = lane;
        this.slab = new Slab(memoryBytes);
        this.forms = forms;
        this.base = driver.reserve(memoryBytes);
        for (Kernel kernel : Kernel.values()) {
            kernels.put(kernel, driver.find(kernel.symbol(), kernel.parameters()));
        }
        this.views = new ResidentViews(this);
    }

    Driver driver() {
        return driver;
    }

    Device device() {
        return driver.device();
    }

    Slab slab() {
        return slab;
    }

    ResidentViews views() {
        return views;
    }

    /** What is kept for a ring; made at its first use. */
    RingTables tables(Ring ring) {
        return rings.computeIfAbsent(ring, unknown -> new RingTables(this, unknown));
    }

    Form form(Modulus q) {
        return forms.apply(q, device());
    }

    long kernel(Kernel kernel) {
        Long number = kernels.get(kernel);
        if (number == null) {
            throw new IllegalStateException("the engine was opened without " + kernel);
        }
        return number;
    }

    /** @throws BackendUnavailableException if this engine has failed */
    void requireAlive() {
        DeviceException cause = failure;
        if (cause != null) {
            throw new BackendUnavailableException("the device failed: " + cause.getMessage());
        }
    }

    void fail(DeviceException cause) {
        failure = cause;
    }

    boolean failed() {
        return failure != null;
    }

    /** Has the lane do something later, unless the engine has failed by then. */
    void post(Runnable task) {
        requireAlive();
        lane.post(() -> {
            if (failure == null) {
                task.run();
            }
        });
    }

    /** Has the lane do something, and waits for it. */
    <T> T call(Callable<T> task) {
        requireAlive();
        return lane.call(() -> {
            requireAlive();
            return task.call();
        });
    }

    /**
     * Memory with whatever stands in it; keys that nobody uses now make room.
     *
     * @throws BackendUnavailableException if there is not enough
     */
    Block take(long bytes) {
        requireAlive();
        if (!unerased.isEmpty()) {
            eraseLeftOver();
        }
        while (true) {
            OptionalLong offset = slab.take(bytes);
            if (offset.isPresent()) {
                return new Block(offset.getAsLong(), base + offset.getAsLong(), Slab.rounded(bytes));
            }
            if (!views.evictOne()) {
                throw new BackendUnavailableException("the device's memory is full: " + bytes
                        + " bytes were asked for, " + slab.used() + " of " + slab.bytes() + " are in use");
            }
        }
    }

    /** Gives memory back. What was posted before may still use it: what is posted later runs after that. */
    void giveBack(Block block) {
        slab.giveBack(block.offset());
    }

    /** Gives memory back that held residues, and overwrites it; later, where the queue is full now. */
    void erase(Block block) {
        if (failed()) {
            return;
        }
        try {
            post(() -> driver.fill(block.address(), block.bytes()));
            giveBack(block);
        } catch (BackendUnavailableException full) {
            unerased.add(block);
        }
    }

    private void eraseLeftOver() {
        for (Block block = unerased.poll(); block != null; block = unerased.poll()) {
            erase(block);
        }
    }

    /** New memory with these words. */
    Block keep(long[] words) {
        Block block = take((long) words.length * Long.BYTES);
        write(words, block);
        return block;
    }

    void write(long[] words, Block block) {
        call(() -> {
            driver.upload(MemorySegment.ofArray(words), block.address());
            return block;
        });
    }
}
