package io.latticegate.fhe.gpu;

import java.lang.foreign.MemorySegment;

/**
 * One device, as far as computing needs it: memory, and kernels that run in the order of their launches. All methods but
 * {@link #device} are called by one thread, that of a {@link Lane}. Every method throws {@link DeviceException} when the
 * device refuses or is lost; nothing is known then of what ran.
 */
interface Driver extends AutoCloseable {
    /** What the device is. */
    Device device();

    /**
     * One block of memory for as long as the driver is open. Called once.
     *
     * @param bytes a multiple of {@link Slab#ALIGNMENT}
     * @return its address
     */
    long reserve(long bytes);

    /** Sets memory to zero, after what was launched before. */
    void fill(long address, long bytes);

    /** Copies to the device, after what was launched before; {@code from} can change when this returns. */
    void upload(MemorySegment from, long address);

    /** Copies from the device, and returns when all that was launched before is done and {@code to} is filled. */
    void download(long address, MemorySegment to);

    /**
     * A kernel by its name.
     *
     * @param parameters how many words it takes
     * @return a number for {@link #launch}
     */
    long find(String kernel, int parameters);

    /**
     * Runs a kernel after what was launched before.
     *
     * @param kernel from {@link #find}
     * @param arguments addresses and numbers, one word each
     */
    void launch(long kernel, Grid grid, long... arguments);

    /** Returns when all that was launched is done. */
    void finish();

    /** Gives memory and device back; throws nothing, also for a device that is lost. */
    @Override
    void close();

    /**
     * The shape of a launch.
     *
     * @param x blocks of one row
     * @param y rows, at most 65535
     * @param z at most 65535
     * @param threads of a block
     * @param sharedBytes of memory that they share, at most 48 KiB
     */
    record Grid(int x, int y, int z, int threads, int sharedBytes) {
        Grid(int x, int y, int threads) {
            this(x, y, 1, threads, 0);
        }
    }
}
