/**
 * A decoder of Zstandard frames (RFC 8878) for input that nobody vouches for: plain arrays with their bounds checks, a
 * window of at most 8 MiB that grows with what was decoded, exactly one frame, no dictionaries.
 */
@NullMarked
package io.latticegate.fhe.core.wire.zstd;

import org.jspecify.annotations.NullMarked;
