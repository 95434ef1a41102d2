/** Vectors for the meaning of texts, computed on this machine. */
@NullMarked
package io.latticegate.common.embeddings;

import org.jspecify.annotations.NullMarked;
