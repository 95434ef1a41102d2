/** A classification head to measure: a labelled corpus, and the training of a small network on its embeddings. */
@NullMarked
package io.latticegate.bench.head;

import org.jspecify.annotations.NullMarked;
