/** What services ask each other: one file of records with sealed replies per service. Knows nothing of Vert.x. */
@NullMarked
package io.latticegate.common.contract;

import org.jspecify.annotations.NullMarked;
