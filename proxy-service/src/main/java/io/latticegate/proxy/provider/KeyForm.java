package io.latticegate.proxy.provider;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** What stands in the place of {@link KeySplice#MARKER}, made of a key at the moment in which the request is written. */
interface KeyForm {
    /** The key itself. */
    KeyForm PLAIN = new KeyForm() {
        @Override
        public int length(MemorySegment key) {
            return Math.toIntExact(key.byteSize());
        }

        @Override
        public void write(MemorySegment key, ByteBuffer into) {
            into.put(key.asByteBuffer());
        }
    };

    /** How many bytes {@link #write} writes. */
    int length(MemorySegment key);

    /** Writes the text. Leaves no copy of the key on the heap. */
    void write(MemorySegment key, ByteBuffer into);
}
