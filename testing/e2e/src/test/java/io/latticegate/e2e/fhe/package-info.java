/** Encrypted compute over real sockets, with keys that only the tests have. */
@NullMarked
package io.latticegate.e2e.fhe;

import org.jspecify.annotations.NullMarked;
