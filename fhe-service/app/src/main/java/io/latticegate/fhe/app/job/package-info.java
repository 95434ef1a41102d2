/** Work that waits in a bounded queue and runs on platform threads. Knows no HTTP. */
@NullMarked
package io.latticegate.fhe.app.job;

import org.jspecify.annotations.NullMarked;
