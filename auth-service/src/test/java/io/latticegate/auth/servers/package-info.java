/** Real servers for the suites of this module. */
@NullMarked
package io.latticegate.auth.servers;

import org.jspecify.annotations.NullMarked;
