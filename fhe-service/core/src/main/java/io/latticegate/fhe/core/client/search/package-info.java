/** The client's half of an encrypted search: encrypt a query, decrypt scores, keep the best. */
@NullMarked
package io.latticegate.fhe.core.client.search;

import org.jspecify.annotations.NullMarked;
