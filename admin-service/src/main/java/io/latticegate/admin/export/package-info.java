/** The audit outside of Latticegate: which fields leave it, in which form, and how they are delivered. */
@NullMarked
package io.latticegate.admin.export;

import org.jspecify.annotations.NullMarked;
