package io.latticegate.client;

import io.latticegate.client.error.LocalStoreException;
import io.latticegate.fhe.core.client.MasterSeed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * A client's master seed: a file of 64 random bytes that only its owner can read, made once. Whoever has it can decrypt
 * everything that was encrypted under any key of this client; whoever loses it has lost only sessions, which are made anew.
 *
 * <p>Beside it, in a file whose name ends in {@code .epoch}, stands how many key epochs were begun. Each session takes the
 * next one, so that no key serves longer than its session, also when the client starts again. Safe for use by several threads
 * and processes on one machine.
 */
public final class SeedFile implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private static final int COUNTER_DIGITS = 10;
    private static final Object COUNTERS = new Object();

    private final Path counter;
    private final MasterSeed seed;

    private SeedFile(Path counter, MasterSeed seed) {
        this.counter = counter;
        this.seed = seed;
    }

    /**
     * Reads the seed, or makes it where the file is missing.
     *
     * @throws LocalStoreException where the file is no regular file of 64 bytes, or others than its owner have rights on it
     */
    public static SeedFile open(Path file, SecureRandom random) {
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                make(file, random);
            }
            byte[] bytes = read(file);
            try {
                return new SeedFile(file.resolveSibling(file.getFileName() + ".epoch"), new MasterSeed(bytes));
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        } catch (IOException fault) {
            throw new LocalStoreException("the seed file " + file + " cannot be used: " + fault.getMessage(), fault);
        }
    }

    /** Written under another name first and then linked, so that no process ever sees half a seed. */
    private static void make(Path file, SecureRandom random) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path fresh = Files.createTempFile(folder, ".seed-", ".tmp", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        byte[] bytes = new byte[MasterSeed.BYTES];
        random.nextBytes(bytes);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            writeAll(channel, ByteBuffer.wrap(bytes));
            Files.createLink(file, fresh);
        } catch (FileAlreadyExistsException madeMeanwhile) {
            return;
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Files.delete(fresh);
        }
    }

    private static byte[] read(Path file) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile() || attributes.size() != MasterSeed.BYTES) {
            throw new LocalStoreException("the seed file " + file + " is not a file of " + MasterSeed.BYTES + " bytes");
        }
        if (attributes.permissions().stream().anyMatch(OF_OTHERS::contains)) {
            throw new LocalStoreException("the seed file " + file + " has the rights "
                    + PosixFilePermissions.toString(attributes.permissions())
                    + "; allowed are rights of the owner only, such as rw-------");
        }
        return Files.readAllBytes(file);
    }

    /** The seed. It belongs to this object, which destroys it when it is closed. */
    MasterSeed seed() {
        return seed;
    }

    /** The number of a key epoch that was never given before, on disk before it is returned. */
    int nextEpoch() {
        synchronized (COUNTERS) {
            try (FileChannel channel = FileChannel.open(
                            counter,
                            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(OWNER_ONLY));
                    var lock = channel.lock()) {
                int next = Math.incrementExact(lock.isValid() ? begun(channel) : 0);
                String text = String.format("%0" + COUNTER_DIGITS + "d%n", next);
                writeAll(channel.position(0), ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                return next;
            } catch (IOException fault) {
                throw new LocalStoreException("the count of key epochs in " + counter + " cannot be kept", fault);
            }
        }
    }

    private int begun(FileChannel channel) throws IOException {
        if (channel.size() == 0) {
            return 0;
        }
        ByteBuffer text = ByteBuffer.allocate(COUNTER_DIGITS);
        while (text.hasRemaining() && channel.read(text) >= 0) {}
        try {
            return Integer.parseUnsignedInt(new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII));
        } catch (NumberFormatException malformed) {
            throw new LocalStoreException("the count of key epochs in " + counter + " is not a number", malformed);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(true);
    }

    @Override
    public void close() {
        seed.destroy();
    }

    @Override
    public String toString() {
        return "SeedFile(****)";
    }
}
