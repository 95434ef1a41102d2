/** Tests of deleting by age. */
@NullMarked
package io.latticegate.admin.retention;

import org.jspecify.annotations.NullMarked;
