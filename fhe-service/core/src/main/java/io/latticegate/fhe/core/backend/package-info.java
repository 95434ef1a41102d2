/** The backends that compute on this machine's processor: scalar and vector, with the same integers as results. */
@NullMarked
package io.latticegate.fhe.core.backend;

import org.jspecify.annotations.NullMarked;
