/** Complete answers of providers, kept and given again within one project. Knows nothing of HTTP servers or clients. */
@NullMarked
package io.latticegate.proxy.cache;

import org.jspecify.annotations.NullMarked;
