package io.latticegate.common.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A journal's device that can be full, and that tells before and after each operation that reaches it, so that a process can
 * die there.
 */
public final class FaultyDevice {
    private final Consumer<String> points;
    private volatile boolean full;

    /** @param points is told {@code force}, {@code allocate}, {@code recycle} or {@code delete} with {@code -before} or {@code -after} */
    public FaultyDevice(Consumer<String> points) {
        this.points = points;
    }

    /** Whether no further segment can be allocated. */
    public void full(boolean isFull) {
        full = isFull;
    }

    /** Opens a journal on this device. */
    public Journal open(Path directory, JournalOptions options) throws IOException {
        return Journal.open(directory, options, new Disk() {
            @Override
            Segment allocate(Path path, long index, int size) throws IOException {
                if (full) {
                    throw new IOException("No space left on device");
                }
                points.accept("allocate-before");
                Segment segment = super.allocate(path, index, size);
                points.accept("allocate-after");
                return segment;
            }

            @Override
            Segment recycle(Path path, Segment used, long index) throws IOException {
                points.accept("recycle-before");
                Segment segment = super.recycle(path, used, index);
                points.accept("recycle-after");
                return segment;
            }

            @Override
            void delete(Path path, Segment used) throws IOException {
                points.accept("delete-before");
                super.delete(path, used);
                points.accept("delete-after");
            }

            @Override
            void force(Segment segment, int from, int to) throws IOException {
                points.accept("force-before");
                super.force(segment, from, to);
                points.accept("force-after");
            }
        });
    }
}
