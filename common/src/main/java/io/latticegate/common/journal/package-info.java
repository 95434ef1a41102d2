/** The write-ahead journal in which a service notes what it is about to do, and the audit records kept in it. */
@NullMarked
package io.latticegate.common.journal;

import org.jspecify.annotations.NullMarked;
