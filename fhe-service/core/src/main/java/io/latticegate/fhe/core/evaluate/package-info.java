/** Operations on ciphertexts, without a secret. */
@NullMarked
package io.latticegate.fhe.core.evaluate;

import org.jspecify.annotations.NullMarked;
