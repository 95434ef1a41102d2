package io.latticegate.fhe.core.random;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * The endless stream of bytes that a seed stands for, as Microsoft SEAL draws it (native/src/seal/randomgen.cpp): blocks of
 * {@value #BLOCK_BYTES} bytes, block i being the chosen function's output for the seed and the number i. Any position can be
 * reached directly. Not safe for use by several threads.
 *
 * <p>The stream serves public seeds (the uniform part of a ciphertext or key) and private ones (noise, secrets) alike, but
 * one seed never serves both. {@link #close()} overwrites the seed, the block at hand and the function's state.
 */
public final class SeedStream implements AutoCloseable {
    /** The length of every seed. */
    public static final int SEED_BYTES = 64;

    /** The length of a block. */
    public static final int BLOCK_BYTES = 4096;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Xof xof;
    private final byte[] seed;
    private final byte[] counter;
    private final byte[] block = new byte[BLOCK_BYTES];
    private final Blake2Xb blake2Xb = new Blake2Xb();
    private final Shake256 shake256 = new Shake256();
    private long nextBlock;
    private int position = BLOCK_BYTES;
    private boolean closed;

    /**
     * The stream at its start.
     *
     * @param seed {@value #SEED_BYTES} bytes, copied
     */
    public SeedStream(Xof xof, byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("seed of " + seed.length + " bytes; allowed: " + SEED_BYTES);
        }
        this.xof = xof;
        this.seed = seed.clone();
        this.counter = switch (xof) {
            case BLAKE2XB -> new byte[Long.BYTES];
            case SHAKE256 -> Arrays.copyOf(seed, SEED_BYTES + Long.BYTES);
        };
    }

    /** Goes to a byte of the stream, counted from 0. */
    public void seek(long bytePosition) {
        if (bytePosition < 0) {
            throw new IllegalArgumentException("position " + bytePosition + "; allowed: 0 or more");
        }
        nextBlock = bytePosition / BLOCK_BYTES;
        fill();
        position = (int) (bytePosition % BLOCK_BYTES);
    }

    /** The next eight bytes, least significant first. */
    public long nextLong() {
        if (position > BLOCK_BYTES - Long.BYTES) {
            return nextLongAcrossBlocks();
        }
        long value = (long) LONG.get(block, position);
        position += Long.BYTES;
        return value;
    }

    /** The next bytes. */
    public void nextBytes(byte[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        int done = 0;
        while (done < length) {
            if (position == BLOCK_BYTES) {
                fill();
            }
            int taken = Math.min(length - done, BLOCK_BYTES - position);
            System.arraycopy(block, position, out, offset + done, taken);
            position += taken;
            done += taken;
        }
    }

    private long nextLongAcrossBlocks() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            if (position == BLOCK_BYTES) {
                fill();
            }
            value |= (block[position++] & 0xffL) << 8 * i;
        }
        return value;
    }

    private void fill() {
        if (closed) {
            throw new IllegalStateException("the seed of this stream has been destroyed");
        }
        LONG.set(counter, counter.length - Long.BYTES, nextBlock);
        switch (xof) {
            case BLAKE2XB -> blake2Xb.expand(seed, counter, block, 0, BLOCK_BYTES);
            case SHAKE256 -> shake256.expand(counter, block, 0, BLOCK_BYTES);
        }
        nextBlock++;
        position = 0;
    }

    /** Destroys the seed and all that was derived from it; the stream then refuses to go on. */
    @Override
    public void close() {
        closed = true;
        Arrays.fill(seed, (byte) 0);
        Arrays.fill(counter, (byte) 0);
        Arrays.fill(block, (byte) 0);
        blake2Xb.wipe();
        shake256.wipe();
        position = BLOCK_BYTES;
    }
}
