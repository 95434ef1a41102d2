/** Encrypted replies that are kept for whoever asks with the same tag again. */
@NullMarked
package io.latticegate.fhe.app.cache;

import org.jspecify.annotations.NullMarked;
