@NullMarked
package io.latticegate.proxy.fhe;

import org.jspecify.annotations.NullMarked;
