/** Circuits that a client brings: planned before anything is computed. */
@NullMarked
package io.latticegate.fhe.app.ops;

import org.jspecify.annotations.NullMarked;
