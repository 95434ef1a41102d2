/** Tests of what leaves the audit. */
@NullMarked
package io.latticegate.admin.export;

import org.jspecify.annotations.NullMarked;
