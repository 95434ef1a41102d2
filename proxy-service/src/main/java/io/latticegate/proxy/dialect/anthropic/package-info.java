/** The Anthropic Messages protocol. */
@NullMarked
package io.latticegate.proxy.dialect.anthropic;

import org.jspecify.annotations.NullMarked;
