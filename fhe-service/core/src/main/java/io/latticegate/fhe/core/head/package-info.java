/** Classification heads: small private networks of the service on encrypted embeddings of clients. */
@NullMarked
package io.latticegate.fhe.core.head;

import org.jspecify.annotations.NullMarked;
