/** Admits wallet-signed claims: recovers the signer and lets each nonce, digest and rate slot be used once. */
@NullMarked
package io.latticegate.auth.wallet;

import org.jspecify.annotations.NullMarked;
