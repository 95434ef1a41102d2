/** The mesh of real processes: limits and nonces across nodes, kills, a foreign member, lost stores, orderly ends. */
@NullMarked
package io.latticegate.e2e.mesh;

import org.jspecify.annotations.NullMarked;
