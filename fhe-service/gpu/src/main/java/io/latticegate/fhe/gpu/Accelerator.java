package io.latticegate.fhe.gpu;

/** The way to a device. */
public final class Accelerator {
    /** What came of opening a device. */
    public sealed interface Opened {
        /** It computes. Who asked closes it. */
        record Ready(GpuBackend backend) implements Opened {}

        /** @param reason why there is none, in a sentence without a full stop */
        record Absent(String reason) implements Opened {}
    }

    /**
     * Opens a device, and reserves memory on it.
     *
     * @param number of the device, as the driver counts, from 0
     * @param memoryBytes of the device that are used, all of them from now on
     */
    public static Opened open(int number, long memoryBytes) {
        try {
            return new Opened.Ready(new GpuBackend(
                    new DeviceSlot(() -> CudaDriver.open(number), memoryBytes, Form::of, System::nanoTime)));
        } catch (DeviceException absent) {
            return new Opened.Absent(String.valueOf(absent.getMessage()));
        }
    }

    private Accelerator() {}
}
