/** Tests of the management API over real sockets, with auth-service and vault-service played by honest fakes. */
@NullMarked
package io.latticegate.admin.manage;

import org.jspecify.annotations.NullMarked;
