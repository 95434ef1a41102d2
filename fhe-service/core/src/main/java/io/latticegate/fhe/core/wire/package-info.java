/**
 * The containers of Microsoft SEAL 4: readers that trust nothing and writers whose bytes SEAL itself would have written.
 *
 * <p>A container is a header of 16 bytes and a payload; objects inside have headers of their own, and only the outermost
 * payload may be compressed. Nothing in a container says what kind of object it holds, so that every reader is told what to
 * expect and derives every size from the {@linkplain io.latticegate.fhe.core.wire.ParameterChain parameters in force}, never
 * from the input. Secret keys are recognised here and refused; only the {@code client} package reads them.
 */
@NullMarked
package io.latticegate.fhe.core.wire;

import org.jspecify.annotations.NullMarked;
