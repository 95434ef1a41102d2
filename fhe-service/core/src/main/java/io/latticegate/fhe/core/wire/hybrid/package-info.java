/**
 * Containers of switching keys with several special primes or several primes in a digit, which SEAL has not: {@code FHX1}.
 * All integers have their least significant byte first; sizes follow from the parameters in force and the number of keys.
 *
 * <p>The header: the four letters FHX1, version 1 (1 byte), kind (1 byte: 1 relinearisation, 2 Galois), two zeros, the
 * fingerprint of the parameters (32 bytes), the number of keys, the number of digits of each (4 bytes both). Each key: its
 * Galois element, 0 for relinearisation (4 bytes), ascending; its digits: function (1 byte: 1 BLAKE2Xb, 2 SHAKE256) and seed
 * (64 bytes) of the mask, then the body, prime by prime, each residue in as many bits as the prime has, the first in the
 * lowest bits. Nothing follows.
 */
@NullMarked
package io.latticegate.fhe.core.wire.hybrid;

import org.jspecify.annotations.NullMarked;
