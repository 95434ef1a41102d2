/** Many connections held open at once: paced streams, and connections that say nothing. */
@NullMarked
package io.latticegate.bench.hold;

import org.jspecify.annotations.NullMarked;
