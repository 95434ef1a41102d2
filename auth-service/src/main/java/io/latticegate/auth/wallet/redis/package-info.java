/** The state of wallets in Redis, where all nodes share it, and how its loss is noticed. */
@NullMarked
package io.latticegate.auth.wallet.redis;

import org.jspecify.annotations.NullMarked;
