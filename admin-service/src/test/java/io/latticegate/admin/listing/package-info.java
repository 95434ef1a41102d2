@NullMarked
package io.latticegate.admin.listing;

import org.jspecify.annotations.NullMarked;
