@NullMarked
package io.latticegate.verify;

import org.jspecify.annotations.NullMarked;
