@NullMarked
package io.latticegate.admin.analytics;

import org.jspecify.annotations.NullMarked;
