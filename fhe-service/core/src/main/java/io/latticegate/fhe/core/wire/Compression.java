package io.latticegate.fhe.core.wire;

/** How the outermost payload of a container is compressed, with SEAL's numbers ({@code compr_mode_type}). */
public enum Compression {
    /** Not at all. */
    NONE(0),
    /** A zlib stream (RFC 1950). */
    ZLIB(1),
    /** A Zstandard frame (RFC 8878); read, never written. */
    ZSTD(2);

    private final int number;

    Compression(int number) {
        this.number = number;
    }

    /** The byte that stands for this mode in a header. */
    public int number() {
        return number;
    }
}
