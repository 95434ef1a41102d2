/** The begin and the end of every call that changes or computes something. */
@NullMarked
package io.latticegate.fhe.app.audit;

import org.jspecify.annotations.NullMarked;
