/** Watches conditions that somebody has to know of, and tells webhooks when they begin and end. */
@NullMarked
package io.latticegate.admin.alert;

import org.jspecify.annotations.NullMarked;
