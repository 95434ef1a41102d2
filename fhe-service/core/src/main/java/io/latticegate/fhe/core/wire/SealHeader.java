package io.latticegate.fhe.core.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 16 bytes before every object, nested ones included (native/src/seal/serialization.h): magic number, header size, major
 * and minor version, compression, two reserved bytes, and the size of the object with its header.
 *
 * @param minor the minor version; the major version is 4
 * @param compression the number of the compression, not yet known to be one of SEAL's
 * @param size bytes, including this header, as compressed
 */
record SealHeader(int minor, int compression, long size) {
    static final int BYTES = 16;

    /** The version that is written: the one that every SEAL from 4.1 on, and every node-seal, reads. */
    static final int MINOR_WRITTEN = 1;

    /** SEAL 4.1 to 4.4 write the same bytes but for the version. */
    static final int MINOR_MAX = 4;

    static final int MAJOR = 4;
    static final short MAGIC = (short) 0xA15E;

    /** Takes the header from a buffer's next bytes; {@code where} names the object. */
    static SealHeader read(ByteBuffer bytes, String where) throws ContainerException {
        ByteBuffer in = bytes.order(ByteOrder.LITTLE_ENDIAN);
        int magic = in.getShort() & 0xffff;
        int headerBytes = in.get() & 0xff;
        int major = in.get() & 0xff;
        int minor = in.get() & 0xff;
        int compression = in.get() & 0xff;
        int reserved = in.getShort() & 0xffff;
        long size = in.getLong();
        if (magic != (MAGIC & 0xffff) || headerBytes != BYTES || reserved != 0) {
            throw new ContainerException(
                    ContainerException.Reason.HEADER,
                    "header with magic number 0x%04x, %d bytes, reserved %d".formatted(magic, headerBytes, reserved),
                    where,
                    "magic number 0xa15e, 16 bytes, reserved 0");
        }
        if (major != MAJOR || minor < MINOR_WRITTEN || minor > MINOR_MAX) {
            throw new ContainerException(
                    ContainerException.Reason.VERSION, "SEAL version " + major + "." + minor, where, "4.1 to 4.4");
        }
        return new SealHeader(minor, compression, size);
    }
}
