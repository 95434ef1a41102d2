/** Tests of alerts. */
@NullMarked
package io.latticegate.admin.alert;

import org.jspecify.annotations.NullMarked;
