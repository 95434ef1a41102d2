@NullMarked
package io.latticegate.admin.tree;

import org.jspecify.annotations.NullMarked;
