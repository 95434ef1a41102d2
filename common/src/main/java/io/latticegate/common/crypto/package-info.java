/** Hashes and encodings that several services need and the JDK lacks; pure, no I/O. */
@NullMarked
package io.latticegate.common.crypto;

import org.jspecify.annotations.NullMarked;
