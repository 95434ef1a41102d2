/** Evaluation and public keys: what a service may have. Secret keys are in the package client, which no service uses. */
@NullMarked
package io.latticegate.fhe.core.key;

import org.jspecify.annotations.NullMarked;
