/** Arithmetic modulo one word-sized prime, and the primes and roots of unity that Microsoft SEAL would choose. */
@NullMarked
package io.latticegate.fhe.core.modular;

import org.jspecify.annotations.NullMarked;
