/** What all dialects share: strict JSON and event-stream reading, pass-through scanning, and the two sides of a dialect. */
@NullMarked
package io.latticegate.proxy.dialect;

import org.jspecify.annotations.NullMarked;
