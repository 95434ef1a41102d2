/** Carries the contracts over the Vert.x event bus: by reference inside a JVM, as bounded CBOR between processes. */
@NullMarked
package io.latticegate.common.bus;

import org.jspecify.annotations.NullMarked;
