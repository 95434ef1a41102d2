/** Tests of what stands beside the code: documents and the launcher. */
@NullMarked
package io.latticegate.common.docs;

import org.jspecify.annotations.NullMarked;
