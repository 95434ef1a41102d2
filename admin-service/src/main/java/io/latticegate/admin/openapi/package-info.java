/** The management API's own description. */
@NullMarked
package io.latticegate.admin.openapi;

import org.jspecify.annotations.NullMarked;
