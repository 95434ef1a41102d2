/** The proxy-service: the edge that clients talk to, and the walk of their requests to providers. */
@NullMarked
package io.latticegate.proxy;

import org.jspecify.annotations.NullMarked;
