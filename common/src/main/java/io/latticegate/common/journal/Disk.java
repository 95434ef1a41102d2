package io.latticegate.common.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** The operations on the device that may fail while the journal runs; tests put failing ones in their place. */
class Disk {
    private static final int CHUNK_BYTES = 1 << 20;

    static Path segmentPath(Path directory, long index) {
        return directory.resolve(String.format(Locale.ROOT, "%016d.wal", index));
    }

    /**
     * Makes a spare: a file that really has all its bytes, so that a full device shows here and not as a fault of the mapped
     * memory. File systems that move blocks on each write (btrfs, ZFS) give no such promise.
     */
    Segment allocate(Path directory, long index, int size) throws IOException {
        Path temporary = directory.resolve("allocate.tmp");
        Path target = segmentPath(directory, index);
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                zeroFill(channel, size);
                channel.force(true);
            }
        } catch (IOException fault) {
            Files.deleteIfExists(temporary);
            throw new IOException(
                    "a segment of " + size + " bytes cannot be allocated in " + directory + ": " + fault.getMessage(),
                    fault);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(directory);
        return Segment.map(target, index, size);
    }

    /** Gives a wiped segment another index. */
    Segment recycle(Path directory, Segment used, long index) throws IOException {
        used.wipeStart();
        Path target = segmentPath(directory, index);
        Files.move(used.path(), target, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(directory);
        return used.renamed(index, target);
    }

    /** Removes a segment that nobody uses. */
    void delete(Path directory, Segment used) throws IOException {
        used.unmap();
        Files.delete(used.path());
        forceDirectory(directory);
    }

    void force(Segment segment, int from, int to) throws IOException {
        segment.force(from, to);
    }

    /** Writes zeros from the end of the file up to {@code size}. */
    static void zeroFill(FileChannel channel, int size) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(CHUNK_BYTES, size));
        long position = channel.size();
        while (position < size) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), size - position));
            position += channel.write(zeros, position);
        }
    }

    /** Replaces a small file in one step, forced. */
    static void replace(Path directory, String name, ByteBuffer content) throws IOException {
        Path temporary = directory.resolve(name + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (content.hasRemaining()) {
                channel.write(content);
            }
            channel.force(true);
        }
        Files.move(temporary, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(directory);
    }

    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
