/**
 * Exact search over plaintext rows with an encrypted query: the service's half. The client's half is the package
 * client.search. docs/fhe.md has the packing, the error of a score, and what leaks.
 */
@NullMarked
package io.latticegate.fhe.core.search;

import org.jspecify.annotations.NullMarked;
