/** All services in one process, and a mesh of processes on one machine. */
@NullMarked
package io.latticegate.standalone;

import org.jspecify.annotations.NullMarked;
