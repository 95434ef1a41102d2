/** Providers: where they are, what they speak, and how a key reaches them. */
@NullMarked
package io.latticegate.proxy.provider;

import org.jspecify.annotations.NullMarked;
