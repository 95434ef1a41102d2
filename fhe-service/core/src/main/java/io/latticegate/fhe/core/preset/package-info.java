/** Parameter sets, held against the security table. */
@NullMarked
package io.latticegate.fhe.core.preset;

import org.jspecify.annotations.NullMarked;
