/** Tests of the load generator. */
@NullMarked
package io.latticegate.bench.load;

import org.jspecify.annotations.NullMarked;
