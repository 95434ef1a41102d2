/** How a request finds a target that can take it: strategies, states of targets, budgets. Knows no Vert.x. */
@NullMarked
package io.latticegate.proxy.routing;

import org.jspecify.annotations.NullMarked;
