/** Requests of encrypted compute on the data port, passed through to a pod of fhe-service. */
@NullMarked
package io.latticegate.proxy.fhe;

import org.jspecify.annotations.NullMarked;
