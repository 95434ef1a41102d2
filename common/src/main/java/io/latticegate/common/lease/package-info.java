/** Leases of tokens' allowances that an edge holds, so that the hot path asks nobody (architecture decision 6). */
@NullMarked
package io.latticegate.common.lease;

import org.jspecify.annotations.NullMarked;
