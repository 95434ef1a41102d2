/** A folder of small JSON files and containers that several pods may share. */
@NullMarked
package io.latticegate.fhe.app.store;

import org.jspecify.annotations.NullMarked;
