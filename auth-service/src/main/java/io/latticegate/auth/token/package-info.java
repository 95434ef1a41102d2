/** Projects and their access tokens: what managers ask, and the tables that hold the answers. */
@NullMarked
package io.latticegate.auth.token;

import org.jspecify.annotations.NullMarked;
