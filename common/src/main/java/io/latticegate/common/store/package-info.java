/** The durable store of a service: SQLite or PostgreSQL behind one pool, one migration path and one tree of faults. */
@NullMarked
package io.latticegate.common.store;

import org.jspecify.annotations.NullMarked;
