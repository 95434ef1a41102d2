/** Logs as one JSON object per line with a fixed vocabulary, and metrics whose labels are bounded. */
@NullMarked
package io.latticegate.common.telemetry;

import org.jspecify.annotations.NullMarked;
