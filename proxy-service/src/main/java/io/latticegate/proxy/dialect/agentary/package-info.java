/** The token stream of browser clients that speak agentary-js's protocol. */
@NullMarked
package io.latticegate.proxy.dialect.agentary;

import org.jspecify.annotations.NullMarked;
