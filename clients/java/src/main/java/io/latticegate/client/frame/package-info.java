/** Bodies that mix JSON and containers: {@code application/vnd.latticegate.frames} (docs/fhe-service.md). */
@NullMarked
package io.latticegate.client.frame;

import org.jspecify.annotations.NullMarked;
