@NullMarked
package io.latticegate.bench.head;

import org.jspecify.annotations.NullMarked;
