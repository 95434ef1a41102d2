/** What can go wrong between a client and fhe-service, as a tree of exceptions. */
@NullMarked
package io.latticegate.client.error;

import org.jspecify.annotations.NullMarked;
