/** The ways from the load generator to the mock provider that are compared, each in processes of its own. */
@NullMarked
package io.latticegate.bench.arm;

import org.jspecify.annotations.NullMarked;
