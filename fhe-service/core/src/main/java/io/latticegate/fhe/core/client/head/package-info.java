/** The client's half of classification heads. For clients only: no server code may depend on this package. */
@NullMarked
package io.latticegate.fhe.core.client.head;

import org.jspecify.annotations.NullMarked;
