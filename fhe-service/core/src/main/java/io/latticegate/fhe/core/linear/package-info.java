/** Linear maps of encrypted vectors. */
@NullMarked
package io.latticegate.fhe.core.linear;

import org.jspecify.annotations.NullMarked;
