/** Redis as the place of short-lived state that several processes share, reached only through atomic scripts. */
@NullMarked
package io.latticegate.common.store.redis;

import org.jspecify.annotations.NullMarked;
