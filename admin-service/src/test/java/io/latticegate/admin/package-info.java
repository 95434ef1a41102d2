/** Tests of what admin-service wires together. */
@NullMarked
package io.latticegate.admin;

import org.jspecify.annotations.NullMarked;
