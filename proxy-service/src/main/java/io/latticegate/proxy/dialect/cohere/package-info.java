/** Version 2 of Cohere's API: chat and embeddings. */
@NullMarked
package io.latticegate.proxy.dialect.cohere;

import org.jspecify.annotations.NullMarked;
