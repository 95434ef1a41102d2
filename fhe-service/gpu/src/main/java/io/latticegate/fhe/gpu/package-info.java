/**
 * The ring operations of fhe-service/core on a device that runs CUDA. The integers are those of the processor's backend, word
 * for word; docs/fhe.md fixes them. {@link io.latticegate.fhe.gpu.Accelerator} is the way in.
 */
@NullMarked
package io.latticegate.fhe.gpu;

import org.jspecify.annotations.NullMarked;
