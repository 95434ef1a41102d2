/** The vault-service: provider keys, encrypted at rest, lent to the edge sealed and for a short time. */
@NullMarked
package io.latticegate.vault;

import org.jspecify.annotations.NullMarked;
