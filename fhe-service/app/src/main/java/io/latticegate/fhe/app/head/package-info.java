/** Private networks on encrypted vectors: stored, encoded once, and computed for those who may ask them. */
@NullMarked
package io.latticegate.fhe.app.head;

import org.jspecify.annotations.NullMarked;
