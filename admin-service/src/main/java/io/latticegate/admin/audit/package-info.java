/** The audit log of the mesh: storing what the services' journals deliver, searching it, and summing usage. */
@NullMarked
package io.latticegate.admin.audit;

import org.jspecify.annotations.NullMarked;
