/** Provider keys on loan that the edge holds, so that the hot path asks nobody (architecture decision 6). */
@NullMarked
package io.latticegate.proxy.lease;

import org.jspecify.annotations.NullMarked;
