/** Who manages the gateway: principals with tokens of their own, and sessions of the web interface. */
@NullMarked
package io.latticegate.admin.session;

import org.jspecify.annotations.NullMarked;
