@NullMarked
package io.latticegate.common.trace;

import org.jspecify.annotations.NullMarked;
