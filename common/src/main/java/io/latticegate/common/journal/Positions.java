package io.latticegate.common.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The acknowledged and the forced sequence in a mapped file of 4 KiB. Each value has two slots of (value, value ^ check)
 * written in turn, so a process that dies between two stores leaves the former value. A store is not forced by itself.
 */
final class Positions {
    private static final int FILE_BYTES = 4096;
    private static final int ACKNOWLEDGED = 0;
    private static final int FORCED = 128;
    private static final long CHECK = 0x5AC3_96E1_0F78_D2B4L;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment memory;
    private int acknowledgedTurn;
    private int forcedTurn;

    private Positions(Arena arena, MemorySegment memory) {
        this.arena = arena;
        this.memory = memory;
    }

    static Positions open(Path directory) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(
                directory.resolve("positions"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            Disk.zeroFill(channel, FILE_BYTES);
            return new Positions(arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES, arena));
        } catch (IOException fault) {
            arena.close();
            throw fault;
        }
    }

    /** The newest value that is whole, -1 when there is none. */
    long acknowledged() {
        return read(ACKNOWLEDGED);
    }

    /** The newest value that is whole, -1 when there is none. */
    long forced() {
        return read(FORCED);
    }

    void acknowledged(long sequence) {
        write(ACKNOWLEDGED, acknowledgedTurn, sequence);
        acknowledgedTurn ^= 1;
    }

    void forced(long sequence) {
        write(FORCED, forcedTurn, sequence);
        forcedTurn ^= 1;
    }

    private long read(int base) {
        long newest = -1;
        for (int slot = base; slot <= base + 16; slot += 16) {
            long value = memory.get(LONG, slot);
            if (memory.get(LONG, slot + 8) == (value ^ CHECK)) {
                newest = Math.max(newest, value);
            }
        }
        return newest;
    }

    private void write(int base, int turn, long value) {
        memory.set(LONG, base + turn * 16L, value);
        memory.set(LONG, base + turn * 16L + 8, value ^ CHECK);
    }

    void force() throws IOException {
        try {
            memory.force();
        } catch (UncheckedIOException fault) {
            throw new IOException("force of the journal's positions failed: " + fault.getCause(), fault);
        }
    }

    void unmap() {
        arena.close();
    }
}
