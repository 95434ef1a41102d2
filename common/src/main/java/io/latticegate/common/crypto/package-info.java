/** Cryptography shared by services: sealing, key derivation, hashes, mesh certificates. */
@NullMarked
package io.latticegate.common.crypto;

import org.jspecify.annotations.NullMarked;
