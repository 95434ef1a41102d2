@NullMarked
package io.latticegate.proxy.routing;

import org.jspecify.annotations.NullMarked;
