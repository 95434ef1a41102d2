/**
 * Deterministic randomness: the extendable-output functions that Microsoft SEAL expands seeds with, uniform residues from
 * a public seed, and the digest that names an encryption parameter set. What a seed is drawn from is the caller's affair.
 */
@NullMarked
package io.latticegate.fhe.core.random;

import org.jspecify.annotations.NullMarked;
