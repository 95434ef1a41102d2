/** A store full of requests, and what is asked of it. */
@NullMarked
package io.latticegate.bench.usage;

import org.jspecify.annotations.NullMarked;
