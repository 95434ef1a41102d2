package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.wire.MappedKeys;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Keys in a mapped file. Unmapped when the last holder has let go; the file may be deleted before that. */
public final class OpenKeys {
    private final Arena arena = Arena.ofShared();
    private final MappedKeys keys;
    private int holders = 1;

    OpenKeys(Scheme scheme, Path file, List<Integer> indices) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            this.keys = new MappedKeys(scheme.parameters(), scheme.backend(), mapped, indices);
        } catch (IOException | RuntimeException fault) {
            arena.close();
            throw fault;
        }
    }

    /** The key for products. */
    public SwitchingKey relinearisation() {
        return keys.relinearisationKey();
    }

    /** The keys for rotations. */
    public GaloisKeys galois() {
        return keys.galoisKeys();
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
