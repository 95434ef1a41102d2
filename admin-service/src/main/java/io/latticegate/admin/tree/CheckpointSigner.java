package io.latticegate.admin.tree;

import java.util.List;

/** Signs heads of the tree. Where the private keys lie is the implementation's affair: in this process or in a KMS. */
public interface CheckpointSigner {
    /** With what it signs; each key signs every checkpoint. */
    List<LogKey> keys();

    /**
     * One signature per key, in the order of {@link #keys()}. May block for at most a few seconds.
     *
     * @param text a checkpoint without signatures
     * @throws IllegalStateException when a key cannot be used now; nothing was signed
     */
    List<byte[]> sign(byte[] text);
}
