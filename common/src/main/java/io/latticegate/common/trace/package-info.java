/** Traces of requests through the mesh: OpenTelemetry spans, W3C trace contexts, exemplars. Costs nothing where it is off. */
@NullMarked
package io.latticegate.common.trace;

import org.jspecify.annotations.NullMarked;
