/** The provider keys that the vault holds: who may ask for which, how long they live, where they are stored. */
@NullMarked
package io.latticegate.vault.record;

import org.jspecify.annotations.NullMarked;
