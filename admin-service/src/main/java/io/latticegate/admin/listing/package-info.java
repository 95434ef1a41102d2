/** Reads the audit newest first, a bounded part of it at a time. */
@NullMarked
package io.latticegate.admin.listing;

import org.jspecify.annotations.NullMarked;
