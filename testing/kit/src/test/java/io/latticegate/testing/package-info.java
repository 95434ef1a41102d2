/** What the testing kit promises, shown on real sockets and processes. */
@NullMarked
package io.latticegate.testing;

import org.jspecify.annotations.NullMarked;
