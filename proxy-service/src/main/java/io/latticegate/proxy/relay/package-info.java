/** The walk of a request from the edge to a provider and back (docs/architecture.md, walks A and B). */
@NullMarked
package io.latticegate.proxy.relay;

import org.jspecify.annotations.NullMarked;
