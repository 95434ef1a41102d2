/** Tests of the book of rules. */
@NullMarked
package io.latticegate.admin.rules;

import org.jspecify.annotations.NullMarked;
