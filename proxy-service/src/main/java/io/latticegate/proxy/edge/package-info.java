/** The rim: bounds and reads what comes in, finds its surface, and answers in the surface's dialect. */
@NullMarked
package io.latticegate.proxy.edge;

import org.jspecify.annotations.NullMarked;
