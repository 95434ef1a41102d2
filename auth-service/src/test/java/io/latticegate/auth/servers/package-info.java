/** The databases on which the suites of this module run. */
@NullMarked
package io.latticegate.auth.servers;

import org.jspecify.annotations.NullMarked;
