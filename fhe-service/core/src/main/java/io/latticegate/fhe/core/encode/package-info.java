/** Vectors of complex numbers to plaintext polynomials and back. */
@NullMarked
package io.latticegate.fhe.core.encode;

import org.jspecify.annotations.NullMarked;
