/** The configuration file as checked records: where values come from, what they may be, and why one was refused. */
@NullMarked
package io.latticegate.common.config;

import org.jspecify.annotations.NullMarked;
