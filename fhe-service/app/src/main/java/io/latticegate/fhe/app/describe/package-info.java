/** What the service says of itself: capabilities, parameter sets, status. */
@NullMarked
package io.latticegate.fhe.app.describe;

import org.jspecify.annotations.NullMarked;
