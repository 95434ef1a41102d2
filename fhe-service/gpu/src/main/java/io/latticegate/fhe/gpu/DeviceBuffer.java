package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.RnsBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;

/** Residues that a device computes with. */
sealed interface DeviceBuffer extends RnsBuffer {
    /** Residues in the device's memory. What nobody closed is given back when nothing refers to it any more. */
    final class Owned implements DeviceBuffer {
        private static final Cleaner CLEANER = Cleaner.create();

        private final Engine engine;
        private final Block block;
        private final Cleaner.Cleanable end;
        private volatile boolean closed;

        Owned(Engine engine, Block block) {
            this.engine = engine;
            this.block = block;
            this.end = CLEANER.register(this, new End(engine, block));
        }

        private record End(Engine engine, Block block) implements Runnable {
            @Override
            public void run() {
                engine.erase(block);
            }
        }

        Engine engine() {
            return engine;
        }

        /** Where the residues are. @throws IllegalStateException when they are closed */
        long address() {
            if (closed) {
                throw new IllegalStateException("the polynomial is closed");
            }
            return block.address();
        }

        @Override
        public void close() {
            closed = true;
            end.clean();
        }
    }

    /** Residues in this machine's memory, of which the device keeps a copy while there is room; read only. */
    record Viewed(MemorySegment segment) implements DeviceBuffer {
        @Override
        public void close() {}
    }
}
