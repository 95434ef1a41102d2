/** Search over HTTP: indexes of plaintext rows, encrypted queries, scores with noise for readers. */
@NullMarked
package io.latticegate.fhe.app.search;

import org.jspecify.annotations.NullMarked;
