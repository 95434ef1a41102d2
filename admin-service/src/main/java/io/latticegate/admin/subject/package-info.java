/** Whose data an entry of the audit holds: the keys under which it is sealed, and how it is erased. */
@NullMarked
package io.latticegate.admin.subject;

import org.jspecify.annotations.NullMarked;
