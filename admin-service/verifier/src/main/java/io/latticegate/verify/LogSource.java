package io.latticegate.verify;

import java.io.IOException;
import java.util.Optional;

/** Where a log's files come from, by their names in C2SP tlog-tiles; {@code keys} beside them. */
public interface LogSource {
    /**
     * The content of a file, or nothing where there is none.
     *
     * @param bytesMax a longer one is an {@link IOException}
     */
    Optional<byte[]> get(String name, int bytesMax) throws IOException;

    /** What it is, for the report. */
    String describe();
}
