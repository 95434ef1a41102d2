/** Finds the kept answer to a prompt that means the same. Knows nothing of HTTP and of models' formats. */
@NullMarked
package io.latticegate.proxy.cache.semantic;

import org.jspecify.annotations.NullMarked;
