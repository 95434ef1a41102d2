/** Benchmarks that one command each starts, and the reports they write. */
@NullMarked
package io.latticegate.bench;

import org.jspecify.annotations.NullMarked;
