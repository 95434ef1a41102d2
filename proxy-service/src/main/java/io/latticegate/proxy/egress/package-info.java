/** The way out: which address of an upstream is connected to, and that it is one that was checked. */
@NullMarked
package io.latticegate.proxy.egress;

import org.jspecify.annotations.NullMarked;
