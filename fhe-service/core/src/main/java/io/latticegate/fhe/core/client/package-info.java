/** What only a client does: make keys, encrypt and decrypt. No service depends on this package. */
@NullMarked
package io.latticegate.fhe.core.client;

import org.jspecify.annotations.NullMarked;
