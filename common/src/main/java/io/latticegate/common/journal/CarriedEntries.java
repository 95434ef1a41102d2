package io.latticegate.common.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The file {@code carried}: opening records that are still open although the segment which held them has been recycled. It
 * is replaced before a segment goes, so openings in it and in the segments, less the closings in the segments, are what is
 * unfinished. Layout: CRC32C u32 of the rest, count u32, then per entry sequence u64, length u32, payload (big-endian).
 */
final class CarriedEntries {
    private static final String NAME = "carried";

    private CarriedEntries() {}

    static SortedMap<Long, byte[]> load(Path directory) throws IOException {
        SortedMap<Long, byte[]> entries = new TreeMap<>();
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            return entries;
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer content = ByteBuffer.wrap(bytes);
        if (bytes.length < 8 || content.getInt(0) != crc(bytes)) {
            throw new JournalUnusableException(
                    file + " is damaged: it lists requests whose ending must still be noted. "
                            + "Keep a copy of the directory; delete only this file to start without those endings.");
        }
        content.position(4);
        int count = content.getInt();
        for (int entry = 0; entry < count; entry++) {
            long sequence = content.getLong();
            byte[] payload = new byte[content.getInt()];
            content.get(payload);
            entries.put(sequence, payload);
        }
        return entries;
    }

    static void save(Path directory, SortedMap<Long, byte[]> entries) throws IOException {
        byte[] bytes = new byte
                [8
                        + entries.values().stream()
                                .mapToInt(payload -> 12 + payload.length)
                                .sum()];
        ByteBuffer content = ByteBuffer.wrap(bytes).putInt(0).putInt(entries.size());
        entries.forEach((sequence, payload) ->
                content.putLong(sequence).putInt(payload.length).put(payload));
        content.putInt(0, crc(bytes));
        Disk.replace(directory, NAME, content.flip());
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 4, bytes.length - 4);
        return (int) crc.getValue();
    }
}
