/** Key-encryption keys: what protects the vault's data keys, and where it is kept. */
@NullMarked
package io.latticegate.vault.kms;

import org.jspecify.annotations.NullMarked;
