/** Circuits whose levels and scales are fixed before anything is encrypted. */
@NullMarked
package io.latticegate.fhe.core.plan;

import org.jspecify.annotations.NullMarked;
