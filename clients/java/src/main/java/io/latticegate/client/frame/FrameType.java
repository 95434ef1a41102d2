package io.latticegate.client.frame;

/** The types of frames, by the number that stands first in each. */
final class FrameType {
    static final int JSON = 1;
    static final int CIPHERTEXT = 2;
    static final int END = 3;
    static final int ERROR = 4;

    /** Type, three zero bytes, length. */
    static final int HEADER_BYTES = 8;

    private FrameType() {}
}
