/**
 * {@code verify-audit}: checks an audit log from what it publishes. Written against the published formats alone, without a
 * line of the code that writes them, so that a fault there does not hide itself here.
 */
@NullMarked
package io.latticegate.verify;

import org.jspecify.annotations.NullMarked;
