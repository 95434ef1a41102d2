/** Envelope encryption of one secret: pure, knows no store. */
@NullMarked
package io.latticegate.vault.envelope;

import org.jspecify.annotations.NullMarked;
