/** Texts that stay on this machine, found by an encrypted search of their embeddings. */
@NullMarked
package io.latticegate.client.search;

import org.jspecify.annotations.NullMarked;
