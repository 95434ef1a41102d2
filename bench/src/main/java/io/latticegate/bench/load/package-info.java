/** The closed-loop load generator: a process of its own, and its handle. */
@NullMarked
package io.latticegate.bench.load;

import org.jspecify.annotations.NullMarked;
