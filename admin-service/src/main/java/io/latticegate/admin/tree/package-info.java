/**
 * The audit store as a transparency log: a Merkle tree over its entries (RFC 9162), served as C2SP tiles, with signed heads.
 */
@NullMarked
package io.latticegate.admin.tree;

import org.jspecify.annotations.NullMarked;
