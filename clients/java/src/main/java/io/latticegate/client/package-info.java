/**
 * The client of encrypted compute: it makes keys from a master seed, encrypts, has fhe-service compute, and decrypts. What
 * leaves it are evaluation keys, ciphertexts and, where an application loads an index, that index in plaintext. What it has
 * decrypted is never sent back.
 */
@NullMarked
package io.latticegate.client;

import org.jspecify.annotations.NullMarked;
