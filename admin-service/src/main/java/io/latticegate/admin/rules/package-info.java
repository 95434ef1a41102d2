@NullMarked
package io.latticegate.admin.rules;

import org.jspecify.annotations.NullMarked;
