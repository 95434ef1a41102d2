/** Tests of logs and metrics. */
@NullMarked
package io.latticegate.common.telemetry;

import org.jspecify.annotations.NullMarked;
