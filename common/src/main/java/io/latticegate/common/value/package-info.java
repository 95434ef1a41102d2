/** Small immutable values that every service shares. Knows nothing of Vert.x, JSON or SQL. */
@NullMarked
package io.latticegate.common.value;

import org.jspecify.annotations.NullMarked;
