/** Recognises what must not pass in prompts and answers, and decides what is done about it. Knows nothing of HTTP. */
@NullMarked
package io.latticegate.proxy.guard;

import org.jspecify.annotations.NullMarked;
