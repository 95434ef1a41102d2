/** Polynomials modulo X^N + 1 and a chain of primes, and the port behind which they are computed. */
@NullMarked
package io.latticegate.fhe.core.ring;

import org.jspecify.annotations.NullMarked;
