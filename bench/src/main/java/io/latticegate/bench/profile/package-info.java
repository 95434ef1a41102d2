/** Where the processor time of a measured process goes. */
@NullMarked
package io.latticegate.bench.profile;

import org.jspecify.annotations.NullMarked;
