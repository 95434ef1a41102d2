/** Who calls: a project token's lease, asked of auth-service. */
@NullMarked
package io.latticegate.fhe.app.auth;

import org.jspecify.annotations.NullMarked;
