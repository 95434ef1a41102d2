/** What tests of the audit log need of the journal's inside. */
@NullMarked
package io.latticegate.common.journal;

import org.jspecify.annotations.NullMarked;
