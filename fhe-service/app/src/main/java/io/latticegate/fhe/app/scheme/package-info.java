/** The parameter sets on offer, each with what computes under it. */
@NullMarked
package io.latticegate.fhe.app.scheme;

import org.jspecify.annotations.NullMarked;
