package io.latticegate.common.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The files of a journal, and recovery.
 *
 * <p>{@code lock} is held while the journal is open; {@code node} holds the node id; {@code positions} and {@code carried}
 * are described at {@link Positions} and {@link CarriedEntries}; {@code <index>.wal} are segments in the order of their
 * index, spares last.
 *
 * <p>Recovery reads every record. The log ends at the first record that is not whole. If that record was once forced
 * ({@link Positions#forced()}), something was damaged or removed later, and the directory is refused: to go on would lose
 * records silently and use their sequence numbers twice. Otherwise it is the torn tail of a crash, and everything from there
 * on is cleared.
 */
final class JournalDirectory implements AutoCloseable {
    private static final Pattern SEGMENT_NAME = Pattern.compile("[0-9]{16}\\.wal");

    private static final long MIN_FILE_BYTES = 128 << 10;

    private final Path path;
    private final FileChannel lockChannel;

    /**
     * What a directory held.
     *
     * @param segments segments with records, oldest first, forced; at least one
     * @param spares empty segments of the configured size
     * @param unfinished opening records without a closing one
     * @param carried those of them that stand only in the file {@code carried}
     * @param note what recovery cleared, empty when nothing
     */
    record Found(
            UUID node,
            Positions positions,
            long acknowledged,
            List<Segment> segments,
            List<Segment> spares,
            SortedMap<Long, byte[]> unfinished,
            SortedMap<Long, byte[]> carried,
            String note) {}

    private JournalDirectory(Path path, FileChannel lockChannel) {
        this.path = path;
        this.lockChannel = lockChannel;
    }

    /** Creates the directory if need be (readable by its owner only) and locks it against every other journal. */
    static JournalDirectory lock(Path path) throws IOException {
        if (Files.notExists(path)) {
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        FileChannel channel =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(channel)) {
            channel.close();
            throw new JournalUnusableException(
                    "journal " + path + " is in use by another process; give each process a directory of its own");
        }
        return new JournalDirectory(path, channel);
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    /** Reads everything, clears a torn tail, and makes the first segment of a new directory. */
    Found recover(JournalOptions options, Disk disk) throws IOException {
        List<Path> files = segmentFiles();
        UUID node = node(!files.isEmpty());
        Positions positions = Positions.open(path);
        List<Segment> mapped = new ArrayList<>();
        boolean whole = false;
        try {
            List<Segment> used = new ArrayList<>();
            List<Segment> spares = new ArrayList<>();
            for (Path file : files) {
                map(file, node, mapped, used, spares);
            }
            Scan scan = new Scan(CarriedEntries.load(path));
            scan.run(used, Math.max(positions.forced(), positions.acknowledged()), positions.acknowledged());
            List<Segment> kept = scan.kept;
            for (Segment segment : kept) {
                segment.force(0, segment.end());
                segment.forcedTo(segment.end());
            }
            for (Segment dropped : scan.dropped) {
                dropped.wipe();
                spares.add(dropped);
            }
            if (kept.isEmpty()) {
                Segment first =
                        spares.isEmpty() ? disk.allocate(path, 1, options.segmentBytes()) : spares.removeFirst();
                mapped.add(first);
                first.activate(node, 1);
                kept.add(first);
            } else {
                kept.getLast().clearTail();
            }
            List<Segment> fitting = fitting(spares, kept.getLast().index(), options.segmentBytes());
            long acknowledged =
                    Math.max(positions.acknowledged(), kept.getFirst().firstSequence() - 1);
            Found found =
                    new Found(node, positions, acknowledged, kept, fitting, scan.unfinished, scan.carried, scan.note);
            whole = true;
            return found;
        } finally {
            if (!whole) {
                mapped.stream().distinct().forEach(Segment::unmap);
                positions.unmap();
            }
        }
    }

    private List<Path> segmentFiles() throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            List<Path> files = new ArrayList<>();
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (name.endsWith(".tmp")) {
                    Files.delete(entry);
                } else if (SEGMENT_NAME.matcher(name).matches()) {
                    files.add(entry);
                }
            }
            return files;
        }
    }

    private UUID node(boolean mustExist) throws IOException {
        Path file = path.resolve("node");
        if (Files.notExists(file)) {
            if (mustExist) {
                throw new JournalUnusableException(
                        file + " is missing though the directory holds records; restore the file, or move the directory"
                                + " away and start with an empty one");
            }
            Disk.replace(path, "node", StandardCharsets.US_ASCII.encode(UUID.randomUUID() + "\n"));
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException fault) {
            throw new JournalUnusableException(file + " does not hold a UUID: " + fault.getMessage());
        }
    }

    private void map(Path file, UUID node, List<Segment> mapped, List<Segment> used, List<Segment> spares)
            throws IOException {
        long index = Long.parseLong(file.getFileName().toString().substring(0, 16));
        Segment.Header header;
        long size;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            header = Segment.header(channel);
            if (header != null && header.index() == index) {
                Disk.zeroFill(channel, header.size());
            }
            size = channel.size();
        }
        if (header != null && header.index() == index) {
            if (!header.node().equals(node)) {
                throw new JournalUnusableException(
                        file + " was written by node " + header.node() + ", but this directory is of node " + node
                                + "; a journal directory must not be mixed from others");
            }
            Segment segment = Segment.map(file, index, header.size());
            mapped.add(segment);
            segment.adopt(header.firstSequence());
            used.add(segment);
        } else if (size < MIN_FILE_BYTES || size > Integer.MAX_VALUE) {
            Files.delete(file);
        } else {
            Segment segment = Segment.map(file, index, (int) size);
            mapped.add(segment);
            if (segment.recordAt(Segment.HEADER_BYTES, 0, new byte[Segment.MAX_PAYLOAD_BYTES], new CRC32C())) {
                throw new JournalUnusableException(
                        "the header of " + file + " is damaged, but records follow it at byte " + Segment.HEADER_BYTES
                                + ". " + JournalUnusableException.ADVICE);
            }
            spares.add(segment);
        }
    }

    /** The spares that can follow the segment being written; the others are deleted. */
    private static List<Segment> fitting(List<Segment> spares, long activeIndex, int segmentBytes) throws IOException {
        List<Segment> fitting = new ArrayList<>();
        spares.sort(Comparator.comparingLong(Segment::index));
        for (Segment spare : spares) {
            if (spare.size() == segmentBytes && spare.index() > activeIndex) {
                fitting.add(spare);
            } else {
                spare.unmap();
                Files.delete(spare.path());
            }
        }
        return fitting;
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }

    /** Reads the records of all segments in order. */
    private static final class Scan {
        private final List<Segment> kept = new ArrayList<>();
        private final List<Segment> dropped = new ArrayList<>();
        private final SortedMap<Long, byte[]> unfinished = new TreeMap<>();
        private final SortedMap<Long, byte[]> carried;
        private final byte[] scratch = new byte[Segment.MAX_PAYLOAD_BYTES];
        private final CRC32C check = new CRC32C();
        private String note = "";

        private Scan(SortedMap<Long, byte[]> carried) {
            this.carried = carried;
            unfinished.putAll(carried);
        }

        /** @param promised the newest record that must be there */
        private void run(List<Segment> used, long promised, long acknowledged) throws IOException {
            if (used.isEmpty()) {
                if (promised > 0) {
                    throw new JournalUnusableException(
                            "records up to " + promised + " were on disk, but the journal has no segment with records. "
                                    + JournalUnusableException.ADVICE);
                }
                return;
            }
            Segment first = used.getFirst();
            if (acknowledged >= 0 && first.firstSequence() > acknowledged + 1) {
                throw new JournalUnusableException(
                        "records " + (acknowledged + 1) + " to " + (first.firstSequence() - 1) + " are missing before "
                                + first.path() + ". " + JournalUnusableException.ADVICE);
            }
            long expected = first.firstSequence();
            for (Segment segment : used) {
                if (!dropped.isEmpty() || segment.firstSequence() != expected) {
                    dropped.add(segment);
                    continue;
                }
                kept.add(segment);
                read(segment);
                expected = segment.lastSequence() + 1;
            }
            Segment end = kept.getLast();
            if (expected <= promised) {
                throw new JournalUnusableException("journal record " + expected + " at byte " + end.end() + " of "
                        + end.path() + " is damaged or gone although records up to " + promised + " were on disk. "
                        + JournalUnusableException.ADVICE);
            }
            if (!dropped.isEmpty() || end.tornAtEnd()) {
                note = "cleared what a crash left unfinished behind record " + (expected - 1) + " at byte " + end.end()
                        + " of " + end.path();
            }
            carried.keySet().retainAll(unfinished.keySet());
        }

        private void read(Segment segment) {
            while (segment.recordAt(segment.end(), segment.lastSequence() + 1, scratch, check)) {
                long sequence = segment.lastSequence() + 1;
                long opening = segment.openingAt(segment.end());
                if (opening == sequence) {
                    unfinished.put(sequence, Arrays.copyOf(scratch, segment.lengthAt(segment.end())));
                } else if (opening != 0) {
                    unfinished.remove(opening);
                }
                segment.advance();
            }
        }
    }
}
