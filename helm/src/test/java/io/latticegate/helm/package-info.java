/** Proofs about the Helm charts, taken from what Helm itself renders. */
@NullMarked
package io.latticegate.helm;

import org.jspecify.annotations.NullMarked;
