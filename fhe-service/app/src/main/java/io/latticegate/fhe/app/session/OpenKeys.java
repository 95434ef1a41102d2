package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.privacy.ZeroEncryptionKey;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.wire.MappedKeys;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keys in a mapped file. Unmapped when the last holder has let go; the file may be deleted before that. */
public final class OpenKeys {
    private final Arena arena = Arena.ofShared();
    private final @Nullable MappedKeys keys;
    private final @Nullable ZeroEncryptionKey zero;
    private int holders = 1;

    OpenKeys(Scheme scheme, Path file, KeySet set) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            boolean zeros = set.kind() == KeyKind.PUBLIC;
            this.zero = zeros ? zeroEncryption(scheme, mapped) : null;
            this.keys = zeros ? null : new MappedKeys(scheme.parameters(), scheme.backend(), mapped, set.indices());
        } catch (IOException | RuntimeException fault) {
            arena.close();
            throw fault;
        }
    }

    private static <T> T require(@Nullable T kept) {
        if (kept == null) {
            throw new IllegalStateException("keys of another kind");
        }
        return kept;
    }

    private static ZeroEncryptionKey zeroEncryption(Scheme scheme, MemorySegment mapped) throws IOException {
        CkksParameters parameters = scheme.parameters();
        RnsBase base = parameters.ring().extended(parameters.topLevel());
        long bytes = (long) base.words() * Long.BYTES;
        if (mapped.byteSize() != 2 * bytes) {
            throw new IOException(
                    "a public key of " + mapped.byteSize() + " bytes; " + parameters + " has " + 2 * bytes);
        }
        return new ZeroEncryptionKey(
                parameters,
                scheme.backend().view(base, mapped.asSlice(0, bytes)),
                scheme.backend().view(base, mapped.asSlice(bytes, bytes)),
                parameters.topLevel());
    }

    /** The key for products. */
    public SwitchingKey relinearisation() {
        return require(keys).relinearisationKey();
    }

    /** The keys for rotations. */
    public GaloisKeys galois() {
        return require(keys).galoisKeys();
    }

    /** The key for fresh encryptions of zero. */
    public ZeroEncryptionKey zeroEncryption() {
        return require(zero);
    }

    synchronized boolean hold() {
        if (holders == 0) {
            return false;
        }
        holders++;
        return true;
    }

    /** Lets go; each holder once. */
    public synchronized void release() {
        holders--;
        if (holders == 0) {
            arena.close();
        }
    }
}
