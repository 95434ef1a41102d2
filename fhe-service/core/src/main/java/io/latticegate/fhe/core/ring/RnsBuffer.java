package io.latticegate.fhe.core.ring;

/** Where a backend keeps residues; only the backend that made it looks inside. Closing it overwrites and frees them. */
public interface RnsBuffer extends AutoCloseable {
    @Override
    void close();
}
