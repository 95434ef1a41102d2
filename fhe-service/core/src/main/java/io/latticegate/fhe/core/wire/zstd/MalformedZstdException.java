package io.latticegate.fhe.core.wire.zstd;

import java.io.IOException;

/** Input that is no Zstandard frame, or one that asks for more than is given to it. */
public final class MalformedZstdException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedZstdException(String what) {
        super(what);
    }
}
