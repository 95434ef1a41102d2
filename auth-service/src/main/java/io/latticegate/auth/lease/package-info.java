/** Leases: blocks of a token's limits, deducted before they are lent to an edge and settled after use. */
@NullMarked
package io.latticegate.auth.lease;

import org.jspecify.annotations.NullMarked;
