/** Tests of the commands of the launcher. */
@NullMarked
package io.latticegate.standalone;

import org.jspecify.annotations.NullMarked;
