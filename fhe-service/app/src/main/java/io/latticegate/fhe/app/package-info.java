/** The fhe-service process: its data port, health and capabilities. */
@NullMarked
package io.latticegate.fhe.app;

import org.jspecify.annotations.NullMarked;
