/** Kept answers in Redis: encrypted, bounded, and shared by all proxies. */
@NullMarked
package io.latticegate.proxy.cache.redis;

import org.jspecify.annotations.NullMarked;
