/** The auth-service: who may spend what. Tokens, leases, wallets. */
@NullMarked
package io.latticegate.auth;

import org.jspecify.annotations.NullMarked;
