package io.latticegate.fhe.gpu;

/**
 * How a device is doing.
 *
 * @param device what it is
 * @param healthy false: it failed, and could not be opened again yet
 * @param failure what failed last, or empty
 * @param memoryBytes the limit of what is used of its memory
 * @param usedBytes what is used now, copies of keys and rows included
 * @param peakBytes the most that was used since it was opened
 * @param residentBytes copies of keys and rows in mapped files, which make room where it is needed
 * @param waiting operations in its queue
 * @param failures how often it failed
 */
public record GpuStatus(
        Device device,
        boolean healthy,
        String failure,
        long memoryBytes,
        long usedBytes,
        long peakBytes,
        long residentBytes,
        int waiting,
        long failures) {}
