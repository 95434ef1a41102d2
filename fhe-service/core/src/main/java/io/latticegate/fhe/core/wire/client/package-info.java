/** Containers of secret keys. For clients only: no server code may depend on this package. */
@NullMarked
package io.latticegate.fhe.core.wire.client;

import org.jspecify.annotations.NullMarked;
