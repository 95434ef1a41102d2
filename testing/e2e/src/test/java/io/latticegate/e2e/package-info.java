/** The whole product, started for tests: in one JVM or as processes. */
@NullMarked
package io.latticegate.e2e;

import org.jspecify.annotations.NullMarked;
