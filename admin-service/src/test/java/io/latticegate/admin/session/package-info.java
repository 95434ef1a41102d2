/** Tests of principals and sessions. */
@NullMarked
package io.latticegate.admin.session;

import org.jspecify.annotations.NullMarked;
