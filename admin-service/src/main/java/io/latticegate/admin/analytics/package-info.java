/** Usage by minute, hour and day: how ended requests are summed as they are stored, and what is asked of the sums. */
@NullMarked
package io.latticegate.admin.analytics;

import org.jspecify.annotations.NullMarked;
