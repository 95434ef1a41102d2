/** admin-service: the management API and the audit store, wired together. */
@NullMarked
package io.latticegate.admin;

import org.jspecify.annotations.NullMarked;
