/** What a wallet signs: the server's own EIP-712 definitions, the strict reader of signed bodies, canonical signatures. */
@NullMarked
package io.latticegate.common.wallet;

import org.jspecify.annotations.NullMarked;
