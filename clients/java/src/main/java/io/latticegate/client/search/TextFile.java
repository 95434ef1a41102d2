package io.latticegate.client.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.error.LocalStoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Texts and their vectors in one file of JSON lines that only its owner can read: a head, then one line for each row of the
 * index, in the order of the rows. Lines are added at the end, each batch forced to disk; removing lines writes the file anew
 * under another name and moves it into place. So row and text cannot come apart, whenever the process dies: a line that was
 * not finished is cut off when the file is opened. Memory holds ids and metadata, not texts.
 *
 * <p>One process at a time has the file; a lock beside it says so. Readers may be several threads; whoever changes it is alone.
 */
final class TextFile implements AutoCloseable {
    private static final FileAttribute<Set<PosixFilePermission>> FILE_OF_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> FOLDER_OF_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final int READ_BYTES = 1 << 16;
    private static final int FORMAT = 1;

    private final Path file;
    private final int dimension;
    private final FileChannel lock;
    private final List<Row> rows = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private FileChannel channel;
    private String generation = "";
    private long end;

    /** A line's label and place. */
    private record Row(TextLabel label, long at, int length) {}

    private TextFile(Path file, int dimension, FileChannel lock, FileChannel channel) {
        this.file = file;
        this.dimension = dimension;
        this.lock = lock;
        this.channel = channel;
    }

    /**
     * Opens a folder's texts, or begins them.
     *
     * @param dimension numbers in a vector
     * @throws LocalStoreException where another process has them, or the file is not one of these
     */
    static TextFile open(Path folder, int dimension) {
        try {
            Files.createDirectories(folder, FOLDER_OF_OWNER);
            FileChannel lock = locked(folder.resolve("texts.lock"));
            try {
                Path file = folder.resolve("texts.jsonl");
                Set<StandardOpenOption> options =
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                TextFile opened = new TextFile(file, dimension, lock, FileChannel.open(file, options, FILE_OF_OWNER));
                opened.load();
                return opened;
            } catch (IOException | RuntimeException refused) {
                lock.close();
                throw refused;
            }
        } catch (IOException fault) {
            throw new LocalStoreException("the texts in " + folder + " cannot be opened: " + fault.getMessage(), fault);
        }
    }

    private static FileChannel locked(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), FILE_OF_OWNER);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException here) {
            channel.close();
            throw new LocalStoreException("the texts beside " + file + " are open already in this process", here);
        }
        channel.close();
        throw new LocalStoreException("the texts beside " + file + " are in use by another process");
    }

    private void load() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer chunk = ByteBuffer.allocate(READ_BYTES);
        long at = 0;
        long position = 0;
        while (channel.read(chunk.clear(), position) > 0) {
            chunk.flip();
            position += chunk.remaining();
            while (chunk.hasRemaining()) {
                byte next = chunk.get();
                if (next != '\n') {
                    line.write(next);
                    if (line.size() > TextLine.BYTES_MAX) {
                        throw broken("a line of more than " + TextLine.BYTES_MAX + " bytes");
                    }
                } else {
                    take(line.toByteArray(), at);
                    at += line.size() + 1L;
                    line.reset();
                }
            }
        }
        end = at;
        channel.truncate(end);
        if (end == 0) {
            begin();
        }
    }

    private void take(byte[] line, long at) throws IOException {
        if (at == 0) {
            JsonNode head = json(line);
            if (head.path("latticegate_texts").asInt() != FORMAT
                    || head.path("dimension").asInt() != dimension) {
                throw broken("a head for other texts; expected are vectors of " + dimension + " numbers");
            }
            generation = head.path("generation").asText();
            return;
        }
        TextLabel label;
        try {
            label = TextLine.label(json(line));
        } catch (IllegalArgumentException refused) {
            throw new LocalStoreException(file + " holds a line that is refused", refused);
        }
        if (!ids.add(label.id())) {
            throw broken("two lines of the id " + label.id());
        }
        rows.add(new Row(label, at, line.length));
    }

    private JsonNode json(byte[] line) throws IOException {
        try {
            return TextLine.JSON.readTree(line);
        } catch (JsonProcessingException malformed) {
            throw new LocalStoreException(file + " holds a line that is no JSON", malformed);
        }
    }

    private LocalStoreException broken(String what) {
        return new LocalStoreException(file + " holds " + what);
    }

    private void begin() throws IOException {
        generation = UUID.randomUUID().toString();
        append(head(generation));
    }

    private byte[] head(String name) {
        ObjectNode head = TextLine.JSON
                .createObjectNode()
                .put("latticegate_texts", FORMAT)
                .put("dimension", dimension)
                .put("generation", name);
        return TextLine.terminated(head);
    }

    /** All of it or nothing. */
    private void append(byte[] bytes) throws IOException {
        boolean written = false;
        try {
            writeAll(channel, bytes, end);
            channel.force(false);
            written = true;
        } finally {
            if (!written) {
                channel.truncate(end);
            }
        }
        end += bytes.length;
    }

    private static void writeAll(FileChannel to, byte[] bytes, long at) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            to.write(rest, at + rest.position());
        }
    }

    /** What the rows are now: equal names, equal rows. */
    String revision() {
        return generation + ":" + end;
    }

    int size() {
        return rows.size();
    }

    TextLabel label(int row) {
        return rows.get(row).label();
    }

    boolean has(String id) {
        return ids.contains(id);
    }

    /**
     * Adds rows at the end.
     *
     * @param vectors one for each text, of length 1
     * @throws IllegalArgumentException for an id that is there already, or a vector of another dimension
     */
    void add(List<TextEntry> texts, List<float[]> vectors) {
        if (texts.size() != vectors.size()) {
            throw new IllegalArgumentException(texts.size() + " texts and " + vectors.size() + " vectors");
        }
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        List<Row> added = new ArrayList<>();
        Set<String> addedIds = new HashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            TextEntry text = texts.get(i);
            if (vectors.get(i).length != dimension) {
                throw new IllegalArgumentException(
                        "a vector of " + vectors.get(i).length + " numbers; allowed are " + dimension);
            }
            if (ids.contains(text.label().id()) || !addedIds.add(text.label().id())) {
                throw new IllegalArgumentException("the id " + text.label().id() + " is there already");
            }
            byte[] line = TextLine.of(text, vectors.get(i));
            added.add(new Row(text.label(), end + batch.size(), line.length - 1));
            batch.writeBytes(line);
        }
        try {
            append(batch.toByteArray());
        } catch (IOException fault) {
            throw new LocalStoreException("texts cannot be added to " + file, fault);
        }
        rows.addAll(added);
        ids.addAll(addedIds);
    }

    /** Removes rows; those behind them move up. Returns how many there were. */
    int removeIf(Predicate<TextLabel> gone) {
        List<Row> kept = rows.stream().filter(row -> !gone.test(row.label())).toList();
        int removed = rows.size() - kept.size();
        if (removed > 0) {
            try {
                rewrite(kept);
            } catch (IOException fault) {
                throw new LocalStoreException("texts cannot be removed from " + file, fault);
            }
        }
        return removed;
    }

    private void rewrite(List<Row> kept) throws IOException {
        String name = UUID.randomUUID().toString();
        Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "texts-", ".tmp", FILE_OF_OWNER);
        FileChannel to = FileChannel.open(fresh, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean moved = false;
        List<Row> placed = new ArrayList<>();
        long at = 0;
        try {
            byte[] head = head(name);
            writeAll(to, head, 0);
            at = head.length;
            for (Row row : kept) {
                byte[] line = bytes(row, row.length() + 1);
                writeAll(to, line, at);
                placed.add(new Row(row.label(), at, row.length()));
                at += line.length;
            }
            to.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            moved = true;
        } finally {
            if (!moved) {
                to.close();
                Files.deleteIfExists(fresh);
            }
        }
        channel.close();
        channel = to;
        generation = name;
        end = at;
        rows.clear();
        rows.addAll(placed);
        ids.clear();
        placed.forEach(row -> ids.add(row.label().id()));
    }

    private byte[] bytes(Row row, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, row.at() + bytes.position()) < 0) {
                throw new IOException(file + " became shorter than it was");
            }
        }
        return bytes.array();
    }

    private JsonNode line(int row) throws IOException {
        return json(bytes(rows.get(row), rows.get(row).length()));
    }

    /** A row's text. */
    TextEntry entry(int row) {
        try {
            return new TextEntry(label(row), TextLine.text(line(row)));
        } catch (IOException fault) {
            throw new LocalStoreException(file + " cannot be read", fault);
        }
    }

    /** A row's vector. */
    float[] vector(int row) {
        try {
            return TextLine.vector(line(row), dimension);
        } catch (IOException fault) {
            throw new LocalStoreException(file + " cannot be read", fault);
        }
    }

    /** The vectors of all rows as an index takes them: float32 after float32, least significant byte first. */
    InputStream vectors() {
        return new InputStream() {
            private final int count = rows.size();
            private byte[] vector = {};
            private int row;
            private int at;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                if (at == vector.length) {
                    if (row == count) {
                        return -1;
                    }
                    vector = TextLine.vectorBytes(line(row++), dimension);
                    at = 0;
                }
                int copied = Math.min(length, vector.length - at);
                System.arraycopy(vector, at, into, offset, copied);
                at += copied;
                return copied;
            }
        };
    }

    @Override
    public void close() {
        try (FileChannel texts = channel;
                FileChannel held = lock) {
            texts.force(true);
            held.force(false);
        } catch (IOException fault) {
            throw new LocalStoreException(file + " cannot be closed", fault);
        }
    }
}
