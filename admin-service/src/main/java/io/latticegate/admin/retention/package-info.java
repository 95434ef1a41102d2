/** Deletes what is older than the audit is kept, and sees to it that one node at a time does work on the store. */
@NullMarked
package io.latticegate.admin.retention;

import org.jspecify.annotations.NullMarked;
