/** Tests of the configuration. */
@NullMarked
package io.latticegate.common.config;

import org.jspecify.annotations.NullMarked;
