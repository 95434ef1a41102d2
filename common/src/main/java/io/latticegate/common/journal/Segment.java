package io.latticegate.common.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One mapped file of records.
 *
 * <p>Little-endian. The file starts with a header of 64 bytes: magic, index, first sequence, node id (two longs), size,
 * CRC32C of those. A file whose header is not valid holds no records: it is a spare. Records follow, each at a multiple of
 * 8 bytes: length u32, CRC32C u32, sequence u64, opening u64, payload. The CRC covers length, sequence, opening and payload.
 * {@code opening} is 0 for a plain record, the record's own sequence for one that opens an entry, and the sequence of the
 * opening record for one that closes an entry. Sequences are contiguous, which is also why what a recycled file still holds
 * from its former life cannot be taken for a record.
 *
 * <p>Not thread-safe: the owner orders access.
 */
final class Segment {
    static final int HEADER_BYTES = 64;
    static final int RECORD_HEADER_BYTES = 24;
    static final int MAX_PAYLOAD_BYTES = 64 << 10;

    private static final int HEADER_CRC_AT = 48;
    private static final long MAGIC = 0x4C47_4A52_4E4C_0001L;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ARRAY_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long index;
    private final Path path;
    private final int size;
    private final Arena arena;
    private final MemorySegment memory;
    private final byte[] prefix = new byte[24];
    private final CRC32C crc = new CRC32C();
    private long firstSequence;
    private long lastSequence;
    private int end = HEADER_BYTES;
    private int forcedTo;

    private Segment(long index, Path path, int size, Arena arena, MemorySegment memory) {
        this.index = index;
        this.path = path;
        this.size = size;
        this.arena = arena;
        this.memory = memory;
    }

    /** Maps a file that already has {@code size} written bytes. */
    static Segment map(Path path, long index, int size) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() < size) {
                throw new IOException(path + " has " + channel.size() + " bytes; expected " + size);
            }
            return new Segment(index, path, size, arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena));
        } catch (IOException fault) {
            arena.close();
            throw fault;
        }
    }

    /** The same memory under another name; this object must not be used any more. */
    Segment renamed(long newIndex, Path newPath) {
        return new Segment(newIndex, newPath, size, arena, memory);
    }

    long index() {
        return index;
    }

    Path path() {
        return path;
    }

    int size() {
        return size;
    }

    /** 0 for a spare. */
    long firstSequence() {
        return firstSequence;
    }

    /** {@code firstSequence - 1} while there is no record. */
    long lastSequence() {
        return lastSequence;
    }

    /** Where the next record goes. */
    int end() {
        return end;
    }

    /** Up to where the file is known to be on the device; 0 also when its header is not. */
    int forcedTo() {
        return forcedTo;
    }

    void forcedTo(int position) {
        forcedTo = position;
    }

    int remaining() {
        return size - end;
    }

    /** Bytes that a record takes in a segment, its padding included. */
    static int recordBytes(int payloadBytes) {
        return (RECORD_HEADER_BYTES + payloadBytes + 7) & -8;
    }

    /** Turns a spare into a segment whose first record will be {@code first}. */
    void activate(UUID node, long first) {
        memory.set(LONG, 0, MAGIC);
        memory.set(LONG, 8, index);
        memory.set(LONG, 16, first);
        memory.set(LONG, 24, node.getMostSignificantBits());
        memory.set(LONG, 32, node.getLeastSignificantBits());
        memory.set(LONG, 40, size);
        crc.reset();
        crc.update(memory.asSlice(0, HEADER_CRC_AT).asByteBuffer());
        memory.set(LONG, HEADER_CRC_AT, crc.getValue());
        adopt(first);
    }

    /** What a valid header says. */
    record Header(long index, long firstSequence, UUID node, int size) {}

    /** The header at the start of a file, or null when it has none or it is damaged. */
    static @Nullable Header header(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int read;
        do {
            read = channel.read(bytes, bytes.position());
        } while (read > 0);
        if (bytes.hasRemaining() || bytes.getLong(0) != MAGIC) {
            return null;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, HEADER_CRC_AT);
        long size = bytes.getLong(40);
        if (bytes.getLong(HEADER_CRC_AT) != crc.getValue() || size < HEADER_BYTES || size > Integer.MAX_VALUE) {
            return null;
        }
        return new Header(
                bytes.getLong(8), bytes.getLong(16), new UUID(bytes.getLong(24), bytes.getLong(32)), (int) size);
    }

    /** Starts reading or writing at the first record, believed to be {@code first}. */
    void adopt(long first) {
        firstSequence = first;
        lastSequence = first - 1;
        end = HEADER_BYTES;
    }

    /** Appends the next record; the caller has checked that it fits. */
    void put(long opening, byte[] buffer, int offset, int length) {
        long sequence = lastSequence + 1;
        MemorySegment.copy(buffer, offset, memory, ValueLayout.JAVA_BYTE, end + RECORD_HEADER_BYTES, length);
        memory.set(INT, end, length);
        memory.set(INT, end + 4, recordCrc(length, sequence, opening, buffer, offset));
        memory.set(LONG, end + 8, sequence);
        memory.set(LONG, end + 16, opening);
        end += recordBytes(length);
        lastSequence = sequence;
    }

    private int recordCrc(int length, long sequence, long opening, byte[] buffer, int offset) {
        ARRAY_LONG.set(prefix, 0, (long) length);
        ARRAY_LONG.set(prefix, 8, sequence);
        ARRAY_LONG.set(prefix, 16, opening);
        crc.reset();
        crc.update(prefix, 0, prefix.length);
        crc.update(buffer, offset, length);
        return (int) crc.getValue();
    }

    /** Payload length of a record that was read or written before. */
    int lengthAt(int position) {
        return memory.get(INT, position);
    }

    byte[] payloadAt(int position) {
        return memory.asSlice(position + RECORD_HEADER_BYTES, lengthAt(position))
                .toArray(ValueLayout.JAVA_BYTE);
    }

    long openingAt(int position) {
        return memory.get(LONG, position + 16);
    }

    /**
     * Whether a whole record with that sequence stands at the position.
     *
     * @param expected the sequence, or 0 for any
     */
    boolean recordAt(int position, long expected, byte[] scratch, CRC32C check) {
        if (position > size - RECORD_HEADER_BYTES) {
            return false;
        }
        int length = memory.get(INT, position);
        long sequence = memory.get(LONG, position + 8);
        if (length < 1
                || length > MAX_PAYLOAD_BYTES
                || position + recordBytes(length) > size
                || sequence < 1
                || (expected != 0 && sequence != expected)) {
            return false;
        }
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, position + RECORD_HEADER_BYTES, scratch, 0, length);
        byte[] head = new byte[24];
        ARRAY_LONG.set(head, 0, (long) length);
        ARRAY_LONG.set(head, 8, sequence);
        ARRAY_LONG.set(head, 16, memory.get(LONG, position + 16));
        check.reset();
        check.update(head, 0, head.length);
        check.update(scratch, 0, length);
        return (int) check.getValue() == memory.get(INT, position + 4);
    }

    /** Moves the end behind a record found by {@link #recordAt}. */
    void advance() {
        end += recordBytes(lengthAt(end));
        lastSequence++;
    }

    /** Forces the bytes from {@code from} to {@code to} to the device. */
    void force(int from, int to) throws IOException {
        try {
            memory.asSlice(from, (long) to - from).force();
        } catch (UncheckedIOException fault) {
            throw new IOException("force of " + path + " failed: " + fault.getCause(), fault);
        }
    }

    /** Writes each page of the range again with its own content, so that a failed force is repeated for all of it. */
    void dirtyAgain(int from, int to) {
        for (int position = from & -4096; position < to; position += 4096) {
            memory.set(ValueLayout.JAVA_BYTE, position, memory.get(ValueLayout.JAVA_BYTE, position));
        }
    }

    /** Clears whatever stands behind the last record, so that it can never be taken for records written later. */
    void clearTail() throws IOException {
        MemorySegment zeros = MemorySegment.ofArray(new byte[64 << 10]);
        for (long position = end; position < size; position += zeros.byteSize()) {
            MemorySegment chunk = memory.asSlice(position, Math.min(zeros.byteSize(), size - position));
            if (chunk.mismatch(zeros.asSlice(0, chunk.byteSize())) >= 0) {
                chunk.fill((byte) 0);
            }
        }
        force(end, size);
    }

    /** Whether the bytes behind the last record are the beginning of the next one. */
    boolean tornAtEnd() {
        return end <= size - RECORD_HEADER_BYTES && memory.get(LONG, end + 8) == lastSequence + 1;
    }

    /** Makes a spare of a segment whose sequences are all lower than any to come: no header and no first record. */
    void wipeStart() throws IOException {
        memory.asSlice(0, 4096).fill((byte) 0);
        force(0, 4096);
    }

    /** Makes a spare of a segment that holds sequences which are still to be given. */
    void wipe() throws IOException {
        memory.fill((byte) 0);
        force(0, size);
    }

    /**
     * Gives the memory back that a segment takes which is no longer written; its content stays in the file, and in the
     * kernel's cache until that needs the room. Reading it maps the pages read again.
     */
    void unload() {
        memory.unload();
    }

    /** Unmaps the file; harmless the second time. No thread may be using it. */
    void unmap() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
