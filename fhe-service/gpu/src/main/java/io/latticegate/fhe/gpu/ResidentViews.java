package io.latticegate.fhe.gpu;

import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Copies of read-only memory of this machine, such as evaluation keys and rows in mapped files, on the device. The least
 * recently used makes room; what an operation is about to use stays. A copy belongs to a mapping, not to an address: once the
 * memory is unmapped its copy is dropped, and what is mapped there later is another one. Safe for use by several threads.
 */
final class ResidentViews {
    private final Engine engine;
    private final LinkedHashMap<Key, Resident> resident = new LinkedHashMap<>(16, 0.75f, true);
    private long uploads;

    ResidentViews(Engine engine) {
        this.engine = engine;
    }

    /** A piece of one mapping. */
    private static final class Key {
        private final WeakReference<MemorySegment.Scope> scope;
        private final int hash;
        private final long address;
        private final long bytes;

        Key(MemorySegment segment) {
            this.scope = new WeakReference<>(segment.scope());
            this.address = segment.address();
            this.bytes = segment.byteSize();
            this.hash = Objects.hash(segment.scope(), address, bytes);
        }

        boolean alive() {
            MemorySegment.Scope now = scope.get();
            return now != null && now.isAlive();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            if (!(other instanceof Key key) || key.address != address || key.bytes != bytes) {
                return false;
            }
            MemorySegment.Scope own = scope.get();
            return own != null && own.equals(key.scope.get());
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** A copy on the device. */
    private static final class Resident {
        private final Block block;
        private int users;

        Resident(Block block) {
            this.block = block;
        }
    }

    /** A copy that stays until it is closed; close it when the operation that uses it is posted. */
    final class Held implements AutoCloseable {
        private final Resident copy;

        private Held(Resident copy) {
            this.copy = copy;
        }

        long address() {
            return copy.block.address();
        }

        @Override
        public void close() {
            synchronized (ResidentViews.this) {
                copy.users--;
            }
        }
    }

    /**
     * The copy of a piece of memory, made now if there is none.
     *
     * @throws io.latticegate.fhe.core.ring.BackendUnavailableException if there is no room
     */
    synchronized Held hold(MemorySegment segment) {
        Key key = new Key(segment);
        Resident copy = resident.get(key);
        if (copy == null) {
            dropUnmapped();
            copy = new Resident(engine.take(segment.byteSize()));
            copy.users = 1;
            boolean filled = false;
            try {
                long address = copy.block.address();
                engine.call(() -> {
                    engine.driver().upload(segment, address);
                    return address;
                });
                filled = true;
            } finally {
                if (!filled) {
                    engine.giveBack(copy.block);
                }
            }
            uploads++;
            resident.put(key, copy);
        } else {
            copy.users++;
        }
        return new Held(copy);
    }

    private void dropUnmapped() {
        for (Iterator<java.util.Map.Entry<Key, Resident>> each =
                        resident.entrySet().iterator();
                each.hasNext(); ) {
            java.util.Map.Entry<Key, Resident> entry = each.next();
            if (!entry.getKey().alive() && entry.getValue().users == 0) {
                engine.giveBack(entry.getValue().block);
                each.remove();
            }
        }
    }

    /** Drops the copy that was not used for longest. False: all are in use, or there is none. */
    synchronized boolean evictOne() {
        for (Iterator<Resident> each = resident.values().iterator(); each.hasNext(); ) {
            Resident copy = each.next();
            if (copy.users == 0) {
                engine.giveBack(copy.block);
                each.remove();
                return true;
            }
        }
        return false;
    }

    /** What copies take. */
    synchronized long bytes() {
        return resident.values().stream().mapToLong(copy -> copy.block.bytes()).sum();
    }

    /** How many copies were made. */
    synchronized long uploads() {
        return uploads;
    }
}
