/** Asks an operator's own service about prompts, over HTTP. */
@NullMarked
package io.latticegate.proxy.guard.webhook;

import org.jspecify.annotations.NullMarked;
