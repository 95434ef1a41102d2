/** The embedding model of the semantic cache, apart from the proxy because of its weight. */
@NullMarked
package io.latticegate.proxy.embeddings;

import org.jspecify.annotations.NullMarked;
