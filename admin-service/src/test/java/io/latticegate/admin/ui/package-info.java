/** Tests of the files of the web interface. */
@NullMarked
package io.latticegate.admin.ui;

import org.jspecify.annotations.NullMarked;
