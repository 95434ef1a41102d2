/** Tests of sealing and erasing. */
@NullMarked
package io.latticegate.admin.subject;

import org.jspecify.annotations.NullMarked;
